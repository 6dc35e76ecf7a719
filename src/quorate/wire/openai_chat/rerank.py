"""Reranking: of the OpenAI-shaped servers that have it, and for clients in the shape of Cohere and Jina.

OpenAI itself has no such endpoint. The shape: https://docs.cohere.com/reference/rerank and https://jina.ai/reranker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import RerankReply, RerankRequest
from quorate.wire.json_fields import Fields, Json, a_text, an_object, is_list, is_object
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.reranking import read_ranks, search_units, write_question
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .codec import path_of
from .fields import own, vendor
from .front import JSON, model_of, read_body
from .paths import routes
from .settings import bend
from .stream import tells_error
from .usage import read_usage

_LENGTH = "max_tokens_per_doc"
"""Cohere's name for a document's length; few others have such a field."""

_ANSWER = ("results", "data", "usage", "meta", "object", "model")


class RerankCodec:
    """Asks a server to put documents in order."""

    def write_request(self, request: RerankRequest, target: Target) -> WireRequest:
        body = {**own(request.vendor), **write_question(request, target.model)}
        lost: list[Departure] = []
        if request.max_document_tokens is not None:
            if _LENGTH in target.quirks.rename:
                body[_LENGTH] = request.max_document_tokens
            else:
                detail = "this target reads documents to a length of its own"
                lost.append(Departure(setting="max_document_tokens", kind="dropped", detail=detail))
        if request.user:
            body["user"] = request.user
        body, bent = bend(body, target.quirks)
        return WireRequest(
            path=path_of("rerank", "/rerank", target),
            body=msgspec.json.encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=(*lost, *bent),
        )

    def read_reply(self, answer: WireAnswer) -> RerankReply:
        """The places stand in `results`; in `data` of Voyage and Fireworks; alone with Hugging Face's server."""
        try:
            told: Any = msgspec.json.decode(answer.body.strip())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise broken("the answer cannot be read as JSON", answer) from error
        body = an_object(told)
        listed = told if is_list(told) else body.get("results", body.get("data"))
        if listed is None and tells_error(body):
            raise error_of(body, answer)
        results = read_ranks(listed, vendor)
        if results is None:
            raise broken("the answer has no results that can be read", answer)
        return RerankReply(
            model=a_text(body.get("model")),
            results=results,
            usage=_read_usage(body),
            vendor=vendor({name: value for name, value in body.items() if name not in _ANSWER}),
        )


def _read_usage(body: Json) -> Usage:
    """Search units where the provider bills by them, else tokens: never both."""
    raw = an_object(body.get("usage")) or an_object(an_object(body.get("meta")).get("tokens"))
    total = raw.get("total_tokens") or raw.get("input_tokens")
    usage = read_usage({"prompt_tokens": total} | raw if total else raw)
    if units := search_units(body):
        return replace(usage, input=0, searches=units, quality="exact")
    return usage


class RerankFront:
    """Puts documents in order for clients of Cohere and Jina, and for those of vLLM or LiteLLM, who took it over."""

    routes: Sequence[Route] = (
        *routes("POST", "/rerank", "rerank"),
        *(Route(method="POST", path=path, operation="rerank") for path in ("/v2/rerank", "/v1/v2/rerank")),
    )

    def read_request(self, call: Call) -> RerankRequest:
        body = read_body(call)
        body.take("return_documents")
        top_n = body.integer("top_n")
        if top_n is not None and top_n < 1:
            raise body.wrong("top_n", "1 or more")
        return RerankRequest(
            model=model_of(body, call),
            query=body.needed_text("query"),
            documents=tuple(_text_of(each, number, body) for number, each in enumerate(_documents(body))),
            top_n=top_n,
            max_document_tokens=body.integer(_LENGTH),
            user=body.text("user"),
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: RerankReply, call: Call) -> WireAnswer:
        asked = read_body(call)
        documents = _documents(asked) if asked.flag("return_documents") else []
        results: list[Json] = []
        for rank in reply.results:
            result: Json = {"index": rank.index, "relevance_score": rank.score} | own(rank.vendor)
            if rank.index < len(documents):
                document = documents[rank.index]
                result["document"] = document if is_object(document) else {"text": document}
            results.append(result)
        body: Json = {"model": reply.model, "object": "list", "results": results}
        return WireAnswer(
            headers=JSON, body=msgspec.json.encode(body | _write_usage(reply.usage) | own(reply.vendor))
        )


def _documents(body: Fields) -> list[Any]:
    documents = body.items("documents")
    if not documents:
        raise body.wrong("documents", "a list that is not empty")
    return documents


def _text_of(document: Any, number: int, body: Fields) -> str:
    """A document is its text, or an object that has it."""
    text = document.get("text") if is_object(document) else document
    if not isinstance(text, str):
        raise body.wrong(f"documents.{number}", "a string, or an object with a 'text'")
    return text


def _write_usage(usage: Usage) -> Json:
    """In both shapes: Cohere's clients look into `meta`, the others into `usage`."""
    if usage.quality == "missing":
        return {}
    billed = {"search_units": usage.searches} if usage.searches else {"input_tokens": usage.input_total}
    counts = {"prompt_tokens": usage.input_total, "total_tokens": usage.total}
    return {
        "usage": counts | ({"search_units": usage.searches} if usage.searches else {}),
        "meta": {"api_version": {"version": "2"}, "billed_units": billed},
    }
