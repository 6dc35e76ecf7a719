"""Amazon's SDK on Bedrock's protocol."""

from __future__ import annotations

from typing import Any, ClassVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .asked import SECONDS, Answer


class Client:
    """Endpoint without a path; it signs its calls."""

    finish: ClassVar[str] = "end_turn"
    kinds: ClassVar = {0: "ClientError"}

    broken: ClassVar[str] = "ClientError"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = boto3.client(
            "bedrock-runtime",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key=key,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=SECONDS),
        )

    def whole(self, model: str, question: str) -> Answer:
        reply = self.client.converse(
            modelId=model, messages=[{"role": "user", "content": [{"text": question}]}]
        )
        return Answer(text=reply["output"]["message"]["content"][0]["text"], finish=reply["stopReason"])

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, ClientError):
            raise error
        return type(error).__name__, error.response["ResponseMetadata"]["HTTPStatusCode"]
