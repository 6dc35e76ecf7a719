"""Who answered: the folder of a recording tells, but for cassettes that hold exchanges with several."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tests.recordings.exchange import Exchange

HOSTS = (
    (r"(^|\.)api\.openai\.com$", "openai"),
    (r"api\.anthropic\.com$", "anthropic"),
    (r"generativelanguage\.googleapis\.com$", "gemini"),
    (r"aiplatform\.googleapis\.com$", "vertex"),
    (r"api\.mistral\.ai$", "mistral"),
    (r"api\.groq\.com$", "groq"),
    (r"openrouter\.ai$", "openrouter"),
    (r"\.heroku\.com$", "heroku"),
    (r"azure\.com$", "azure"),
    (r"bedrock.*\.amazonaws\.com$", "bedrock"),
)
"""For hosts that are met in other providers' folders; any other host belongs to the folder's."""
ROUTER = re.compile(r"/(?!v1/|hf-inference/)([\w-]+)/")


def maker(exchange: Exchange, folder: str) -> str:
    """The provider that answered. One behind Hugging Face's router is told apart from its own front."""
    address = urlsplit(exchange.url)
    host = address.hostname or ""
    if host.startswith("router.huggingface.") and (found := ROUTER.match(address.path)):
        return f"hf:{found[1]}"
    return next((name for pattern, name in HOSTS if re.search(pattern, host)), folder)
