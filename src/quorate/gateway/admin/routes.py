"""`/api/v1/routes`: the names that the settings give to several models, and where they lead."""

from __future__ import annotations

from quorate.errors import QuorateError

from .access import TheDesk, resource
from .shapes import Page, RouteReply

routes = resource("routes")


@routes.get("")
async def list_routes(desk: TheDesk) -> Page[RouteReply]:
    """In the order of the settings; aliases after them, as routes with one target."""
    parts = desk.household.current()
    settings = parts.settings
    items: list[RouteReply] = []
    for name, route in settings.routes.items():
        leads_to, problem = _where(desk, f"route/{name}")
        items.append(
            RouteReply(
                name=f"route/{name}",
                targets=list(route.targets),
                leads_to=leads_to,
                strategy=route.fallback.strategy if route.fallback.enabled else "only the first",
                tries=route.fallback.tries,
                problem=problem,
            )
        )
    for alias, model in settings.aliases.items():
        leads_to, problem = _where(desk, model)
        items.append(
            RouteReply(
                name=alias,
                targets=[model],
                leads_to=leads_to,
                strategy="alias",
                tries=settings.fallback.tries,
                problem=problem,
            )
        )
    return Page(items=items)


def _where(desk: TheDesk, name: str) -> tuple[list[str], str]:
    """The targets behind a name, or what is wrong with it."""
    try:
        return [target.name for target in desk.household.current().resolver(name).targets], ""
    except QuorateError as error:
        return [], str(error)
