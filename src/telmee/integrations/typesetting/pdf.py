"""Typeset a document in a process of its own, and get its bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.typesetting.there import typeset

#: A letter takes a tenth of a second; a report of a hundred pages some seconds.
_LIMITS = Limits(cpu_seconds=30, seconds=60)


def render_pdf(template: str, facts: Mapping[str, Any]) -> bytes:
    """The PDF/UA-1 of a template of this package and its facts, which JSON can hold.

    The same facts come to the same bytes: nothing in it is of the moment at which it was made. What
    the facts say is shown as it is, and never obeyed. Raises `file_too_heavy` for a document that
    goes over the limits, and a `RuntimeError` for one that cannot be typeset: a fault of the
    template, such as a picture without words.
    """
    (pdf,) = _typeset(template, facts, "pdf")
    return pdf


def pages_of(template: str, facts: Mapping[str, Any]) -> list[bytes]:
    """The pages of a document as pictures (PNG), to look at beside a form."""
    return _typeset(template, facts, "png")


def _typeset(template: str, facts: Mapping[str, Any], kind: str) -> list[bytes]:
    with NamedTemporaryFile(suffix=".json") as file:
        file.write(json.dumps(facts).encode())
        file.flush()
        made_there = read_apart(typeset, Path(file.name), template, kind, limits=_LIMITS)
    return [base64.b64decode(piece) for piece in made_there]
