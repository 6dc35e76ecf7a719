"""The `quorate` command: a table of commands, each loaded when it is called, and what the shell is told at the end.

Exit codes: 0 all well · 1 a check failed · 2 wrong usage or settings · 3 a provider failed · 4 a budget was
reached · 5 a part failed · 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from cyclopts import App, CycloptsError, Parameter

from quorate.errors import (
    AccessError,
    InvalidOutput,
    NoAnswer,
    OperatorError,
    QuorateError,
    RequestError,
    UpstreamError,
)

COMMANDS = (
    ("ask", "quorate.cli.ask:ask", "Ask a model a question; a pipe or a file may come with it."),
    ("chat", "quorate.cli.chat:chat", "Talk with a model, turn by turn."),
    ("image", "quorate.cli.image:image", "Draw a picture, or change one."),
    ("speak", "quorate.cli.speak:speak", "Speak a text, into a file or a pipe."),
    ("transcribe", "quorate.cli.transcribe:transcribe", "Write down what is said in a file."),
    ("embed", "quorate.cli.embed:embed", "Turn texts into vectors."),
    ("rerank", "quorate.cli.rerank:rerank", "Put documents in order by how well they answer a query."),
    ("logs", "quorate.cli.logs:logs", "Find what was asked and answered in this shell."),
    (
        "models",
        "quorate.cli.models:models",
        "Find models: what they can do, how much they hold, what they cost.",
    ),
    (
        "providers",
        "quorate.cli.providers:providers",
        "List providers: which are ready, and where their keys go.",
    ),
    (
        "account",
        "quorate.cli.account:account",
        "Show what is left and spent at a provider, or what one answer cost there.",
    ),
    (
        "doctor",
        "quorate.cli.doctor:doctor",
        "Check what is configured and reachable, and how to mend the rest.",
    ),
    ("serve", "quorate.cli.serve:serve", "Serve every provider to clients of every protocol, on one port."),
    (
        "keys",
        "quorate.cli.keys:keys",
        "Make, list and revoke the keys with which clients call the gateway.",
    ),
    ("sim", "quorate.cli.sim:sim", "Serve simulated providers on this machine, with faults on demand."),
    (
        "demo",
        "quorate.cli.demo:demo",
        "Ask three simulated models one question, side by side. No key needed.",
    ),
    (
        "completion",
        "quorate.cli.completion:completion",
        "Print what a shell needs to complete commands and options.",
    ),
)


def app() -> App:
    """The whole command line."""
    whole = App(
        name="quorate",
        help="Every large-language-model provider behind one door.",
        version=_version,
        default_parameter=Parameter(negative=(), show_default=False),
    )
    for name, home, help_text in COMMANDS:
        whole.command(home, name=name, help=help_text)
    whole.register_install_completion_command()  # pyright: ignore[reportUnknownMemberType]  # untyped there
    return whole


def _version() -> str:
    from importlib.metadata import version

    return version("quorate")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors of ours become one line on stderr and an exit code."""
    _write_what_can_be_written()
    try:
        code = app()(arguments, result_action="return_value", exit_on_error=False)
        sys.stdout.flush()
    except CycloptsError:
        return 2  # it has told what is wrong with the words
    except QuorateError as error:
        print(f"quorate: {error}", file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; a second complaint at shutdown would help nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _write_what_can_be_written() -> None:
    """A letter that the terminal's encoding lacks becomes '?', rather than ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def exit_code(error: QuorateError) -> int:
    """The number a shell script can go by."""
    match error:
        case AccessError():
            return 4
        case UpstreamError() | NoAnswer() | InvalidOutput():
            return 3
        case RequestError() | OperatorError():
            return 2
        case _:
            return 1
