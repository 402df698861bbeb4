"""A logo that anybody may put on paper: drawn anew as a small picture, in a process of its own."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import NamedTemporaryFile

from telmee.core.errors import DomainError, Problem
from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.typesetting.there import draw

#: A logo in a letter is a few centimetres wide; a file this large is a photograph.
LOGO_BYTES_MAX = 500_000
_ENDINGS = (".png", ".svg")
#: The largest picture that is taken costs a second; a drawing can ask for years of effects.
_LIMITS = Limits(cpu_seconds=5, seconds=20)


def as_logo(content: bytes, ending: str) -> bytes:
    """A logo (PNG or SVG) drawn anew as a PNG of at most 960 by 240 dots, with nothing beside it.

    What comes out holds colours of dots only: no script, no address and no word of who made it.
    Raises a `DomainError` with `logo_type`, `logo_too_large`, `logo_with_more` for a drawing with a
    script or something from elsewhere in it, `logo_with_text` for words that are not drawn,
    `logo_unreadable` or `file_too_heavy`.
    """
    if ending not in _ENDINGS:
        raise DomainError(Problem("logo_type", "logo"))
    if len(content) > LOGO_BYTES_MAX:
        params = {"kilobytes": LOGO_BYTES_MAX // 1000}
        raise DomainError(Problem("logo_too_large", "logo", params=params))
    with NamedTemporaryFile(suffix=ending) as file:
        file.write(content)
        file.flush()
        drawn = read_apart(draw, Path(file.name), ending, limits=_LIMITS)
    return base64.b64decode(drawn)
