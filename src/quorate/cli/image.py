"""`quorate image`: words become pictures, in files. What is on stdout is where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.client.client import Quorate
from quorate.client.working import ImageWishes
from quorate.errors import InvalidRequest
from quorate.types.pictures import ImageReply

from .terminal import as_json
from .working import about_work, check_folder, done, tell_unless, words_of, write_bytes

_ENDINGS: Mapping[str, str] = {"image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


def image(
    *prompt: str,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    model: Annotated[str, Parameter(alias="-m")] = "",
    file: Annotated[tuple[str, ...], Parameter(alias="-f")] = (),
    mask: str = "",
    n: Annotated[int | None, Parameter(alias="-n")] = None,
    size: str = "",
    quality: str = "",
    background: str = "",
    format: str = "",  # noqa: A002 the option's own name
    json: bool = False,
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Parameter(alias="-q")] = False,
) -> int:
    """Draw a picture, or change one.

    `quorate image "A heron at dawn" -o heron.png`. Of several, the second and later files have a number in
    their names.

    Parameters
    ----------
    prompt
        What is to be seen. Several words are joined.
    output
        The file to write; without it image.png, or whatever the ending is of what comes.
    model
        'provider/model', a model's name, an alias or 'route/NAME'.
    file
        A picture to begin from: a file or a URL; may be repeated.
    mask
        A picture that is transparent where the first file is to be drawn anew.
    n
        How many.
    size
        1024x1536 and the like, or a provider's own word.
    quality
        A provider's own word: low, medium, high …
    background
        transparent or opaque.
    format
        png, jpeg or webp.
    json
        Print one JSON object with the files, usage, cost and the rest.
    strict
        Fail rather than ask a model that cannot honour a setting.
    max_cost
        Most dollars the call may cost, all attempts together.
    timeout
        Most seconds, all attempts together.
    config
        The settings file to use.
    quiet
        No notes on stderr.
    """
    words = words_of(prompt, "draw")
    check_folder(output)
    wishes: ImageWishes = {
        "model": model,
        "n": n,
        "size": size,
        "quality": quality,
        "background": background,
        "format": format,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }

    async def drawn(q: Quorate) -> ImageReply:
        return await q.images(words, images=file, mask=mask or None, **wishes)

    reply, seconds = done(drawn, config)
    _tell(reply, seconds, output, json=json, quiet=quiet)
    return 0


def _tell(reply: ImageReply, seconds: float, output: Path | None, *, json: bool, quiet: bool) -> None:
    places = [_keep(reply, number, output) for number in range(len(reply.images))]
    if json:
        told = [
            {"place": place, "prompt": each.prompt} for place, each in zip(places, reply.images, strict=True)
        ]
        print(as_json({"images": told, **about_work(reply, seconds)}))
    else:
        print("\n".join(places))
        tell_unless(quiet, reply, seconds)


def _keep(reply: ImageReply, number: int, output: Path | None) -> str:
    """Where the picture is: the file, or the address of one whose bytes did not come."""
    picture = reply.images[number]
    if not picture.data:
        if not picture.url:
            raise InvalidRequest("a picture has neither bytes nor an address", where="output")
        return picture.url
    output = output or Path(f"image.{_ENDINGS.get(picture.media_type, 'png')}")
    path = output if number == 0 else output.with_name(f"{output.stem}-{number + 1}{output.suffix}")
    write_bytes(picture.data, path)
    return str(path)
