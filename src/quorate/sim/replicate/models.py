"""The list of models, all on one page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.work import ModelList, ModelsRequest
from quorate.wire.seam import Call, Route, WireAnswer

from .question import FOLDER


class ModelsFront:
    """Replicate shares the path with other protocols; in its folder it has it alone."""

    routes: Sequence[Route] = (Route(method="GET", path=f"{FOLDER}/v1/models", operation="models"),)

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest()

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        results = [{"owner": model.owner or "acme", "name": model.id} for model in reply.models]
        body = {"next": None, "previous": None, "results": results}
        return WireAnswer(headers={"content-type": "application/json"}, body=msgspec.json.encode(body))
