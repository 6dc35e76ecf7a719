"""Amazon's own description of the service judges what we write: requests, and the simulator's answers."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.value import replace
from quorate.types.work import CountRequest
from quorate.wire.seam import Call
from tests.providers import golden
from tests.wire import laws
from tests.wire.values import replies, requests

from .making import WIRE, target
from .test_laws import EVERYTHING, PLAIN, THINKING, told

pytest.importorskip("botocore", reason="botocore comes with the `bedrock` extra")


def loaded(name: str) -> Any:
    return importlib.import_module(f"botocore.{name}")


MODEL: Any = loaded("session").get_session().get_service_model("bedrock-runtime")
VALIDATOR: Any = loaded("validate").ParamValidator()
PARSER: Any = loaded("parsers").create_parser("rest-json")
SERIALIZER: Any = loaded("serialize").create_serializer("rest-json")

ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"


class Body:
    """A stream's bytes as an HTTP library would hand them out."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> Iterator[bytes]:
        yield self.data


def complaints(operation: str, body: bytes, model: str) -> str:
    """What Amazon's client would say to these parameters."""
    shape = MODEL.operation_model(operation).input_shape
    return str(VALIDATOR.validate({"modelId": model} | json.loads(body), shape).generate_report())


@pytest.mark.parametrize("model", ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", ARN, "a b/ü~"])
def test_a_models_name_stands_in_the_path_as_amazons_client_writes_it(model: str):
    asked = ChatRequest(model="m", messages=(laws.Message(role="user", parts=(laws.Text(text="Hi"),)),))
    sent = WIRE.codec.write_request(asked, target(model=model), stream=False)
    parameters = {"modelId": model} | json.loads(sent.body)
    theirs = SERIALIZER.serialize_to_request(parameters, MODEL.operation_model("Converse"))

    assert sent.path == theirs["url_path"]
    assert json.loads(sent.body) == json.loads(theirs["body"])


def test_amazon_knows_every_parameter_of_a_usual_request():
    asked = replace(golden.ask("m"), service_tier="flex", top_k=5)
    for stream, operation in ((False, "Converse"), (True, "ConverseStream")):
        sent = WIRE.codec.write_request(asked, target(), stream=stream)
        assert complaints(operation, sent.body, "any") == ""


@pytest.mark.long
@given(requests(PLAIN) | requests(THINKING) | requests(EVERYTHING))
def test_amazon_knows_every_parameter_of_a_request(asked: ChatRequest):
    counted = WIRE.work["count"].write_request(CountRequest(model="m", request=asked), target())
    known = replace(asked, vendor={})  # a field of times to come is none that Amazon knows
    whole = WIRE.codec.write_request(known, target(), stream=False)
    stream = WIRE.codec.write_request(known, target(), stream=True)

    assert complaints("Converse", whole.body, "any") == ""
    assert complaints("ConverseStream", stream.body, "any") == ""
    assert complaints("CountTokens", counted.body, "any") == ""


@pytest.mark.long
@given(replies(PLAIN).map(told))
def test_amazon_reads_the_words_of_what_the_simulator_says(reply: ChatReply):
    assert WIRE.front is not None
    sent = WIRE.front.write_reply(reply, Call(path="/model/m/converse"))
    response = {"status_code": 200, "headers": sent.headers, "body": sent.body}
    parsed = PARSER.parse(response, MODEL.operation_model("Converse").output_shape)
    blocks = parsed["output"]["message"]["content"]

    assert texts(blocks) == reply.text
    assert parsed["usage"]["totalTokens"] == reply.usage.total


@pytest.mark.long
@given(replies(PLAIN).map(told))
def test_amazon_reads_the_streams_of_the_simulator(reply: ChatReply):
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(Call(path="/model/m/converse-stream"))
    stream = b"".join(writer.write(event) for event in laws.events_of(reply)) + writer.close()
    context = {"operation_name": "ConverseStream"}
    response = {"status_code": 200, "headers": {}, "body": Body(stream), "context": context}
    events = list(PARSER.parse(response, MODEL.operation_model("ConverseStream").output_shape)["stream"])

    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert "".join(each.get("text", "") for each in deltas) == reply.text
    assert [next(iter(event)) for event in events][-2:] == ["messageStop", "metadata"]


def texts(blocks: list[dict[str, Any]]) -> str:
    cited = [each["citationsContent"]["content"] if "citationsContent" in each else [each] for each in blocks]
    return "".join(each.get("text", "") for group in cited for each in group)
