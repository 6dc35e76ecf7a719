"""A conversation as one text, for models that take a prompt: in the model's own template where the target names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quorate.types.value import Value


class Turn(Value):
    """What one side said."""

    role: str
    """'system', 'user' or 'assistant'."""
    text: str


class Template(Value):
    """How a family of models wants turns marked; `{text}` is what was said."""

    turns: dict[str, str]
    begin: str = ""
    ask: str = ""
    """What stands before the answer."""


_LLAMA3 = "<|start_header_id|>{role}<|end_header_id|>\n\n{{text}}<|eot_id|>"
_CHATML = "<|im_start|>{role}\n{{text}}<|im_end|>\n"
_ROLES = ("system", "user", "assistant")

TEMPLATES: Mapping[str, Template] = {
    "llama2": Template(
        turns={
            "system": "<<SYS>>\n{text}\n<</SYS>>\n\n",
            "user": "[INST] {text} [/INST]",
            "assistant": " {text} ",
        }
    ),
    "llama3": Template(
        begin="<|begin_of_text|>",
        turns={role: _LLAMA3.format(role=role) for role in _ROLES},
        ask="<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "chatml": Template(
        turns={role: _CHATML.format(role=role) for role in _ROLES}, ask="<|im_start|>assistant\n"
    ),
}
"""A target's word for its template → the template."""

TRANSCRIPT = Template(
    turns={"system": "{text}\n\n", "user": "User: {text}\n\n", "assistant": "Assistant: {text}\n\n"},
    ask="Assistant:",
)
"""Where a model's own is not known."""


def written(turns: Sequence[Turn], template: Template) -> str:
    """The conversation up to where the model goes on."""
    said = (template.turns[turn.role].replace("{text}", turn.text) for turn in turns)
    return template.begin + "".join(said) + template.ask
