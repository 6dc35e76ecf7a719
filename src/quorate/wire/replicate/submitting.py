"""Where a prediction is submitted, which goes by how the model is named."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.wire.json_fields import Json
from quorate.wire.seam import Follow, WireRequest

from .following import cancel

_WAIT = {"prefer": "wait"}
"""Up to a minute the provider keeps us waiting, so that quick answers need no asking after."""

_DEPLOYMENT = "deployments/"


def submit(
    fields: Json, target: Target, departures: Sequence[Departure], *, follow: Follow, stream: bool = False
) -> WireRequest:
    """A prediction of these inputs."""
    path, body = _address(target.model)
    body["input"] = fields
    if stream:
        body["stream"] = True
    return WireRequest(
        path=path,
        body=msgspec.json.encode(body),
        query=target.quirks.query,
        headers=({} if stream else _WAIT) | target.quirks.headers,
        framing="sse" if stream else "json",
        fidelity=tuple(departures),
        follow=follow,
        cancel=cancel,
    )


def _address(model: str) -> tuple[str, Json]:
    """`owner/name` is asked as a model, with a version behind ':' or as a version alone as that one;
    'deployments/owner/name' is a deployment.
    """
    if model.startswith(_DEPLOYMENT):
        return f"/v1/deployments/{quote(model.removeprefix(_DEPLOYMENT))}/predictions", {}
    name, _, version = model.partition(":")
    if version or "/" not in name:
        return "/v1/predictions", {"version": version or name}
    return f"/v1/models/{quote(name)}/predictions", {}
