"""Fill in a template in a process of its own, and get the document."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from telmee.core.errors import DomainError, Problem
from telmee.integrations.apart import Limits, read_apart

#: A letterhead with a logo is a hundred kilobytes.
TEMPLATE_BYTES_MAX = 5_000_000
#: A letter takes half a second; what loops over loops is stopped.
_LIMITS = Limits(cpu_seconds=10, seconds=30)


def fill_template(content: bytes, facts: Mapping[str, Any]) -> bytes:
    """A Word document made of a template and its fields; `facts` are texts, and lists of rows.

    Raises a `DomainError` with `template_too_large`, `template_unreadable`, `template_macros`,
    `template_embedded`, `template_remote`, `template_syntax`, `template_code`,
    `template_unknown_fields` with all their names, or `file_too_heavy`.
    """
    if len(content) > TEMPLATE_BYTES_MAX:
        params = {"megabytes": TEMPLATE_BYTES_MAX // 1_000_000}
        raise DomainError(Problem("template_too_large", "template", params=params))
    with NamedTemporaryFile(suffix=".docx") as file, NamedTemporaryFile(suffix=".json") as known:
        file.write(content)
        file.flush()
        known.write(json.dumps(facts).encode())
        known.flush()
        filled = read_apart(_fill_there, Path(file.name), known.name, limits=_LIMITS)
    return base64.b64decode(filled)


def _fill_there(path: Path, known: str) -> str:
    """Fill in a template in the process that does; what it takes is loaded there alone."""
    from telmee.integrations.word_templates.there import fill  # noqa: PLC0415 - not for who asks

    return fill(path, known)
