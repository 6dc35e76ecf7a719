"""`quorate rerank`: documents in the order of how well they answer a query."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.client.client import Quorate
from quorate.client.working import RerankWishes
from quorate.types.work import RerankReply

from .terminal import as_json
from .working import about_work, done, tell_unless, words_of


def rerank(
    query: str,
    *document: str,
    model: Annotated[str, Parameter(alias="-m")] = "",
    top: int | None = None,
    json: bool = False,
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Parameter(alias="-q")] = False,
) -> int:
    """Put documents in order, best first.

    `quorate rerank "rivers of Germany" < titles.txt`: each argument is a document; without any, each line of what is
    piped in. Each is printed behind its score.

    Parameters
    ----------
    query
        What is looked for.
    document
        The documents.
    model
        'provider/model', a model's name, an alias or 'route/NAME'.
    top
        How many of the best to print; all of them where it is left out.
    json
        Print one JSON object with places, scores, usage, cost and the rest.
    strict
        Fail rather than ask a model that cannot honour a setting.
    max_cost
        Most dollars the call may cost, all attempts together.
    timeout
        Most seconds, all attempts together.
    config
        The settings file to use.
    quiet
        No notes on stderr.
    """
    documents = document or tuple(line for line in words_of((), "put in order").splitlines() if line.strip())
    wishes: RerankWishes = {
        "model": model,
        "top_n": top,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }

    async def ordered(q: Quorate) -> RerankReply:
        return await q.rerank(query, documents, **wishes)

    reply, seconds = done(ordered, config)
    if json:
        told = [
            {"index": each.index, "score": each.score, "document": documents[each.index]}
            for each in reply.results
        ]
        print(as_json({"results": told, **about_work(reply, seconds)}))
        return 0
    for each in reply.results:
        print(f"{each.score:.4f}  {documents[each.index]}")
    tell_unless(quiet, reply, seconds)
    return 0
