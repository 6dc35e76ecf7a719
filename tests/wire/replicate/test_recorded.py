"""What Replicate really answered, read by our wire."""

from __future__ import annotations

import json

import pytest

from quorate.errors import UpstreamError
from quorate.types.events import Event, ReplyEnd, assemble
from quorate.wire.framing import framer
from quorate.wire.replicate import REPLICATE
from quorate.wire.replicate.following import cancel, follow_whole
from quorate.wire.seam import WireAnswer
from tests.recordings.exchange import Exchange
from tests.recordings.judgement import recordings_folder
from tests.recordings.reading.folder import exchanges, recorded_files

pytestmark = pytest.mark.recordings


@pytest.fixture(scope="module")
def recorded() -> list[Exchange]:
    folder = recordings_folder()
    if not folder.is_dir():
        pytest.skip("no recordings at hand: set QUORATE_RECORDINGS to their folder")
    files = [file for file in recorded_files(folder) if "replicate" in file]
    return [exchange for file in files for exchange in exchanges(folder, file)]


def answer_of(exchange: Exchange) -> WireAnswer:
    return WireAnswer(status=exchange.status, headers=exchange.headers, body=exchange.body)


def test_every_prediction_is_read_as_it_stands(recorded):
    predictions = [each for each in recorded if "/predictions" in each.path and each.status < 300]
    outcomes = {"read": 0, "followed": 0, "failed": 0}

    for exchange in predictions:
        answer, told = answer_of(exchange), json.loads(exchange.body)
        step = next(follow_whole(answer), None)
        if step is not None:
            assert step.request.path == f"/v1/predictions/{told['id']}"
            assert cancel(answer) is not None
            outcomes["followed"] += 1
            continue
        try:
            reply = REPLICATE.codec.read_reply(answer)
        except UpstreamError:
            assert told["status"] in ("failed", "canceled")
            outcomes["failed"] += 1
            continue
        assert (reply.id, reply.model) == (told["id"], told["model"])
        assert reply.text == "".join(
            map(str, told["output"] if isinstance(told["output"], list) else [told["output"]])
        )
        outcomes["read"] += 1

    assert sum(outcomes.values()) == len(predictions) > 20
    assert min(outcomes.values()) > 0


def test_every_stream_is_read_to_its_end_however_it_is_cut(recorded):
    streams = [each for each in recorded if "/streams/" in each.path]

    for exchange in streams:
        whole = events(exchange.body, len(exchange.body))
        assert isinstance(whole[-1], ReplyEnd)
        assert assemble(whole).text.startswith("Sure, here's a joke about OpenTelemetry:\n\nWhy did")
        assert assemble(events(exchange.body, 5)) == assemble(whole)

    assert streams


def test_every_refusal_is_read_in_its_own_words(recorded):
    refusals = [each for each in recorded if each.status >= 400]

    assert refusals
    for exchange in refusals:
        assert str(REPLICATE.codec.read_error(answer_of(exchange))) == json.loads(exchange.body)["detail"]


def events(data: bytes, size: int) -> list[Event]:
    cutter, reader = framer("sse"), REPLICATE.codec.stream_reader()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    found = [event for chunk in chunks for frame in cutter.feed(chunk) for event in reader.read(frame)]
    found += [event for frame in cutter.close() for event in reader.read(frame)]
    return [*found, *reader.close()]
