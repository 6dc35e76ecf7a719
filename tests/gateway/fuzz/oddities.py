"""Values that make no sense, or hardly any, for the places of a body."""

from __future__ import annotations

from typing import Any

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, "", "x", "null", [], {}, [[]], [None], [1], ["x"], [{}], {"": None}),
    *(
        {"type": 5},
        {"type": "text"},
        {"type": "text", "text": None},
        {"role": "user"},
        {"x": [1, {"y": None}]},
    ),
)
NUMBERS = (
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "01", "1.", ".5", "+1", "0x10", "1_000"),
    *(
        "-0",
        "-1",
        "0",
        "0.1",
        "1e5",
        "1E+2",
        "1e308",
        "2147483648",
        "9223372036854775808",
        "18446744073709551616",
    ),
    *("9" * 400, "9" * 5_000, "-" + "9" * 5_000, "0." + "3" * 5_000, "1e99999999999", "true", "1 2"),
)
STRINGS = (
    *(
        b'"\\ud800"',
        b'"\\udfff\\ud800"',
        b'"a\\udbff"',
        b'"\\u0000"',
        b'"\0"',
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',
    ),
    *(
        b'"\\x41"',
        b'"\\u12"',
        b'"\t"',
        b'"\n"',
        b'"\xf4\x90\x80\x80"',
        b'"\xc0\x80"',
        b'"\\u202e\\ufeff"',
        b'"',
    ),
    *(b"'x'", b'"a" "b"', b'"\\"', b"/* x */ 1", b'"\\ud83d\\ude00"', b'"\\r\\nx-injected: 1\\r\\n"'),
)
DEPTHS = (50, 150, 300, 480, 700, 900, 990, 1_100, 5_000, 100_000)
SCHEMAS: tuple[Any, ...] = (
    *(
        5,
        "string",
        [],
        None,
        True,
        False,
        {"type": 5},
        {"type": "nothing"},
        {"type": []},
        {"type": ["object", None]},
    ),
    *(
        {"$ref": "#"},
        {"$ref": 5},
        {"$ref": "#/nowhere"},
        {"$ref": "http://127.0.0.1:1/x"},
        {"$ref": "#/$defs/%"},
    ),
    {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
    {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    {"type": "object", "properties": []},
    {"type": "object", "properties": {"a": 5}, "required": "a"},
    {"type": "object", "properties": {"a": {}}, "required": [5, None]},
    {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}, "required": ["a"]},
    {"type": "string", "pattern": "(["},
    {"type": "string", "pattern": "^(a|aa|b?)*(c|(d)\\2?){30}$", "minLength": 100, "maxLength": 1},
    {"type": "string", "pattern": "x{1,99999}y{99999}", "format": 5},
    {"type": "string", "minLength": 10**9},
    {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
    {"type": "array", "items": [], "maxItems": -1, "uniqueItems": "x"},
    {"type": "integer", "minimum": 5, "maximum": 1, "multipleOf": 0},
    {"type": "number", "minimum": 1e308, "exclusiveMaximum": -1e308, "multipleOf": 1e-300},
    {"enum": []},
    {"enum": "abc", "const": {"$ref": "#"}},
    {"anyOf": []},
    {"oneOf": 5, "not": 5, "if": [], "then": None},
    {"anyOf": [{"anyOf": [{"anyOf": [{"type": "null"}] * 20}] * 20}] * 5},
    {
        "type": "object",
        "additionalProperties": {"$ref": "#"},
        "patternProperties": {"(": {}},
        "minProperties": 3,
    },
)
SCHEMA_KEYS = frozenset(
    "parameters parametersJsonSchema schema json_schema input_schema responseSchema responseJsonSchema format".split()
)
MEDIA: tuple[Any, ...] = (
    *(
        "data:image/png;base64,@@@@",
        "data:;base64,",
        "data:image/png,abc",
        "data:",
        "data:image/png;base64,A",
        "====",
    ),
    *(
        "http://127.0.0.1:1/x.png",
        "file:///etc/passwd",
        "gopher://x",
        "https://[::1",
        "https://user:pass@x/",
        "//",
    ),
    *(
        "data:image/png;base64," + "A" * 5_001,
        "A",
        "é",
        "\0",
        "http://\r\nx",
        "data:text/html;charset=x;base64,PGI+",
    ),
    *("data:image/png\r\nx: y;base64,AAAA", "gs://bucket/../x", "blob:x", 5, None, [], {"url": {"url": {}}}),
)
MEDIA_KEYS = frozenset(
    "data url image_url file_data images uri fileUri file_id file_url fileData inlineData".split()
)
NAMES: tuple[Any, ...] = (
    *(
        "",
        " ",
        "\n",
        "sim-openai/sim-swift\r\nx-injected: 1",
        "\0",
        "/",
        "//",
        "sim-openai/",
        "/sim-swift",
        "route/",
    ),
    *(
        "sim-openai",
        "route/none",
        "panel/x",
        "rag/x",
        "auto",
        "auto/cheapest",
        "auto/none",
        "nobody/at-all",
        "é" * 300,
    ),
    *(
        "sim-gemini/../../x",
        "sim-gemini/..",
        "sim-gemini/a?b=c&d#e",
        "sim-gemini/%2e%2e",
        "sim-gemini/a b",
        "*",
        "m" * 9_999,
    ),
    *(
        "sim-gemini/a:b",
        "sim-gemini/x:generateContent",
        "models/sim-gemini/x",
        "sim-openai/{model}",
        "\u202e",
        "%s%n{0}",
    ),
    *(
        "openai/gpt-5",
        "anthropic/claude",
        "gemini/gemini-pro",
        "azure/x",
        "bedrock/x",
        "vertex/x",
        "mistral/x",
    ),
    *("sim-anthropic/" + "ü" * 50, "sim-responses/\ud800", 5, None, [], {}, True),
)
LIMITS = frozenset(
    "max_tokens max_completion_tokens max_output_tokens maxOutputTokens num_predict n candidateCount top_logprobs topK "
    "top_k num_ctx best_of budget_tokens thinkingBudget dimensions outputDimensionality seed temperature top_p topP "
    "logprobs responseLogprobs presence_penalty frequency_penalty".split()
)
STREAMS: tuple[Any, ...] = ("yes", 1, None, "true", [], {}, True, False)
