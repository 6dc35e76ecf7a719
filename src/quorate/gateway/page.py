"""What a browser is shown at the gateway's root. It loads nothing."""

from __future__ import annotations

from collections.abc import Mapping

PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Quorate</title>
<h1>Quorate is running</h1>
<p>OpenAI clients take this address with <code>/v1</code> at its end as their base URL; Anthropic, Gemini and Ollama
clients take it as it is.</p>
<p><a href="/api/v1/openapi.json">The gateway's own API</a> tells of calls, keys, models and providers to whoever has
an admin key or signed in by the link that <code>quorate serve</code> prints.</p>
</html>
"""

PAGE_HEADERS: Mapping[str, str] = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
