"""`quorate completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"], /) -> int:
    """Print the completion script of a shell; `quorate --install-completion` puts it in its place.

    For this one session: source <(quorate completion bash).

    Parameters
    ----------
    shell
        Which one.
    """
    from .main import app

    print(app().generate_completion(shell=shell))
    return 0
