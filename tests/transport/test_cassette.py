"""What is recorded is played again as it was, and holds no credential."""

from __future__ import annotations

import gzip
from pathlib import Path
from time import monotonic

import msgspec
import pytest

from quorate.errors import InvalidRequest, SettingsInvalid, Unreachable, UpstreamBroken, UpstreamTimeout
from quorate.transport.cassette import CassetteTransport
from quorate.transport.http import HttpTransport
from quorate.transport.scripted import Scripted, ScriptedTransport, answer
from quorate.transport.wording import timed_out, unreachable
from quorate.types.secret import Secret

from .asking import asking, fetch, pieces_of, take_in
from .server import saying, serving, whole

URL = "http://upstream.example:8080/v1/chat"
CANARIES = {
    "header": "sk-canary-header-1",
    "key": "canary-key-header-2",
    "query": "canary query/3+",
    "password": "canary-password-4",
    "further": "canary-further-5",
}


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "calls.jsonl"


def written(tape: Path) -> str:
    return tape.read_text()


def recording(
    tape: Path, *answers: Scripted | UpstreamBroken | UpstreamTimeout | Unreachable
) -> CassetteTransport:
    return CassetteTransport(tape, mode="record", inner=ScriptedTransport(answers))


async def test_what_was_recorded_is_played_without_a_network(tape: Path):
    async with serving(saying(whole(b"hello", b"x-request-id: 7"))) as server:
        recorder = CassetteTransport(tape, mode="record", inner=HttpTransport())
        await fetch(recorder, asking(server.url("/v1/chat")))
        await recorder.close()

    async with CassetteTransport(tape).send(asking(URL)) as arrival:
        body = await arrival.read()

    assert (arrival.status, arrival.headers["x-request-id"], body) == (200, "7", b"hello")


async def test_pieces_keep_their_borders_even_inside_a_letter(tape: Path):
    pieces = ("ä".encode()[:1], "ä".encode()[1:] + b"b", b"\0\xff")
    await pieces_of(recording(tape, Scripted(chunks=pieces)), asking(URL))

    assert tuple(await pieces_of(CassetteTransport(tape), asking(URL))) == pieces


async def test_a_stream_is_played_in_time_where_that_is_asked_for(tape: Path):
    await pieces_of(recording(tape, Scripted(chunks=(b"a", b"b"), pause=0.05)), asking(URL))

    began = monotonic()
    await pieces_of(CassetteTransport(tape), asking(URL))
    at_once = monotonic() - began
    await pieces_of(CassetteTransport(tape, in_time=True), asking(URL))
    in_time = monotonic() - began - at_once

    assert at_once < 0.05
    assert in_time >= 0.09


async def test_equal_requests_are_answered_in_the_order_of_the_recording(tape: Path):
    recorder = recording(tape, answer(b"busy", 429), answer(b"well"))
    for _ in range(2):
        await fetch(recorder, asking(URL))

    player = CassetteTransport(tape)
    assert [await fetch(player, asking(URL)) for _ in range(2)] == [b"busy", b"well"]
    with pytest.raises(InvalidRequest, match=r"'calls\.jsonl' holds no further answer to POST /v1/chat"):
        await fetch(player, asking(URL))


@pytest.mark.parametrize(
    "other",
    [
        asking(URL, b'{"a": 2, "b": [1]}'),
        asking(URL + "?page=3&size=2", b'{"a": 1, "b": [1]}'),
        asking(URL.replace("chat", "embed"), b'{"a": 1, "b": [1]}'),
        asking(URL, b'{"a": 1, "b": [1]}', method="PUT"),
    ],
    ids=["body", "query", "path", "method"],
)
async def test_another_request_is_not_answered(tape: Path, other: object):
    await fetch(recording(tape, answer(b"x")), asking(URL + "?page=2&size=2", b'{"a": 1, "b": [1]}'))
    with pytest.raises(InvalidRequest):
        await fetch(CassetteTransport(tape), other)  # type: ignore[arg-type]


async def test_a_request_is_known_again_whatever_its_host_spacing_and_order(tape: Path):
    await fetch(recording(tape, answer(b"x")), asking(URL + "?page=2&size=2", b'{"a": 1, "b": [1]}'))

    again = asking("http://127.0.0.1:1/v1/chat?size=2&page=2", b'{"b":[1],"a":1}')
    assert await fetch(CassetteTransport(tape), again) == b"x"


async def test_what_the_cassette_holds_is_not_sent_again(tape: Path):
    await fetch(recording(tape, answer(b"old")), asking(URL))
    inner = ScriptedTransport([answer(b"new")])
    transport = CassetteTransport(tape, mode="record", inner=inner)

    answers = [await fetch(transport, asking(URL)), await fetch(transport, asking(URL, b"other"))]

    assert answers == [b"old", b"new"]
    assert [send.body for send in inner.sent] == [b"other"]
    assert await fetch(CassetteTransport(tape), asking(URL, b"other")) == b"new"


async def test_a_renewed_cassette_forgets_what_it_held(tape: Path):
    await fetch(recording(tape, answer(b"old")), asking(URL))
    await fetch(CassetteTransport(tape, mode="renew", inner=ScriptedTransport([answer(b"new")])), asking(URL))

    assert await fetch(CassetteTransport(tape), asking(URL)) == b"new"


@pytest.mark.parametrize(
    "failure",
    [timed_out("upstream.example", "first_byte", 2.0), unreachable("no TLS", "tls")],
    ids=["late", "tls"],
)
async def test_a_failure_before_the_answer_is_played_as_it_was(
    tape: Path, failure: UpstreamTimeout | Unreachable
):
    with pytest.raises(type(failure)):
        await fetch(recording(tape, failure), asking(URL))
    with pytest.raises(type(failure)) as caught:
        await fetch(CassetteTransport(tape), asking(URL))

    assert (str(caught.value), vars(caught.value)) == (str(failure), vars(failure))


async def test_a_failure_midway_is_played_after_what_had_come(tape: Path):
    broken = Scripted(chunks=(b"some ", b"words"), breaks=UpstreamBroken("cut", status=200))
    with pytest.raises(UpstreamBroken):
        await pieces_of(recording(tape, broken), asking(URL))

    had: list[bytes] = []
    async with CassetteTransport(tape).send(asking(URL)) as arrival:
        with pytest.raises(UpstreamBroken, match="cut") as caught:
            await take_in(arrival, had)

    assert had == [b"some ", b"words"]
    assert caught.value.status == 200


async def test_an_answer_that_was_left_early_is_not_played_as_whole(tape: Path):
    async with recording(tape, Scripted(chunks=(b"a", b"b"))).send(asking(URL)) as arrival:
        await anext(arrival.chunks())

    with pytest.raises(UpstreamBroken, match="the recording ends here"):
        await pieces_of(CassetteTransport(tape), asking(URL))


async def read_and_fail(transport: CassetteTransport, error: Exception) -> None:
    async with transport.send(asking(URL)) as arrival:
        await arrival.read()
        raise error


async def test_an_error_of_the_reader_is_not_taken_for_one_of_the_upstream(tape: Path):
    transport = recording(tape, answer(b"x", 429))
    with pytest.raises(UpstreamTimeout):
        await read_and_fail(transport, timed_out("elsewhere", "gap", 1))

    assert await fetch(CassetteTransport(tape), asking(URL)) == b"x"


async def test_no_credential_is_written(tape: Path):
    """Canaries in every place that a provider's key is known to turn up in."""
    echo = "you sent {header} and {further}; {query}".format(**CANARIES).encode()
    inner = ScriptedTransport(
        [
            Scripted(
                headers={
                    "set-cookie": "session=abc123",
                    "x-echo": CANARIES["header"],
                    "x-organization": "ours",
                },
                chunks=(echo[:14], echo[14:]),
            )
        ]
    )
    url = "http://me:canary-password-4@upstream.example/v1?key=canary%20query%2F3%2B&alt=sse"
    headers = {
        "Authorization": f"Bearer {CANARIES['header']}",
        "x-goog-api-key": CANARIES["key"],
        "x-plain": "p",
    }
    body = msgspec.json.encode({"echo": CANARIES["header"], "more": CANARIES["further"]})
    recorder = CassetteTransport(tape, mode="record", inner=inner, secrets=[Secret(CANARIES["further"])])

    heard = await pieces_of(recorder, asking(url, body, headers=headers))

    text = written(tape)
    assert b"".join(heard) == echo
    assert [name for name, canary in CANARIES.items() if canary in text] == []
    assert [each for each in ("canary%20query", "canary", "abc123", "ours") if each in text] == []
    assert '"x-plain":"p"' in text
    assert "alt=sse" in text


async def test_a_cassette_is_played_to_whoever_has_another_key(tape: Path):
    first = asking(URL + "?key=canary-one-1", headers={"authorization": "Bearer sk-canary-1"})
    await fetch(recording(tape, answer(b"x")), first)

    other = asking(URL + "?key=canary-two-2", headers={"authorization": "Bearer sk-other-2"})
    assert await fetch(CassetteTransport(tape), other) == b"x"


async def test_figures_about_tokens_are_no_secrets(tape: Path):
    inner = Scripted(headers={"x-ratelimit-remaining-tokens": "149984"}, chunks=(b"x",))
    await fetch(recording(tape, inner), asking(URL))

    async with CassetteTransport(tape).send(asking(URL)) as arrival:
        assert arrival.headers["x-ratelimit-remaining-tokens"] == "149984"


async def test_an_encoded_answer_is_kept_decoded(tape: Path):
    async with serving(saying(whole(gzip.compress(b"hello"), b"content-encoding: gzip"))) as server:
        recorder = CassetteTransport(tape, mode="record", inner=HttpTransport())
        await fetch(recorder, asking(server.url("/v1/chat")))
        await recorder.close()

    assert await fetch(CassetteTransport(tape), asking(URL)) == b"hello"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file"),
        ("", "is no cassette"),
        ("{}", "is no cassette"),
        ('{"cassette": 2}', "is of version 2"),
        ('{"cassette": 1}\n{"method": "POST", "url": "x"}\n{"method": "PO', "line 3 of the cassette"),
        ('{"cassette": 1}\n{"method": 1, "url": "x"}\n', "line 2 of the cassette"),
    ],
)
def test_a_file_that_is_no_cassette_is_told_with_its_line(tmp_path: Path, text: str | None, told: str):
    path = tmp_path / "x.jsonl"
    path.write_text(text or "") if text is not None else path.unlink(missing_ok=True)

    with pytest.raises(SettingsInvalid, match=told):
        CassetteTransport(path)


def test_recording_needs_something_to_record(tape: Path):
    with pytest.raises(InvalidRequest):
        CassetteTransport(tape, mode="record")


async def test_a_played_body_beyond_the_limit_is_refused(tape: Path):
    await fetch(recording(tape, answer(b"12345")), asking(URL))
    with pytest.raises(UpstreamBroken, match="larger than 4 bytes"):
        await fetch(CassetteTransport(tape), asking(URL, max_body=4))
