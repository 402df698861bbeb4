"""What the process that fills in a template does: see `telmee.integrations.apart`."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml.etree import LxmlError

from telmee.core.errors import DomainError, Problem
from telmee.integrations.word_templates.guard import require_harmless
from telmee.integrations.word_templates.sandbox import Fields


def fill(path: Path, known: str) -> str:
    """A template with its fields filled in, in base64. Raises as `fill_template` does.

    The facts stand as JSON in a file of their own, at the path that is `known`.

    Nothing of it is filled in before all of it was looked at: by the guard, and field by field as
    Word's pieces are put together.
    """
    content = path.read_bytes()
    facts: dict[str, Any] = json.loads(Path(known).read_text())
    require_harmless(content)
    fields = Fields(facts)
    filled = io.BytesIO()
    try:
        template = DocxTemplate(io.BytesIO(content))
        template.render(facts, fields, autoescape=True)
        template.save(filled)
    except TemplateError as error:
        params = {"words": (error.message or "")[:80]}
        raise DomainError(Problem("template_syntax", "template", params=params)) from None
    except RecursionError:  # brackets or conditions within each other, by the thousand
        raise DomainError(Problem("file_too_heavy", "template")) from None
    except (OpcError, LxmlError, KeyError, ValueError):
        raise DomainError(Problem("template_unreadable", "template")) from None
    if fields.unknown:
        names = ", ".join(sorted(fields.unknown))
        raise DomainError(Problem("template_unknown_fields", "template", params={"fields": names}))
    return base64.b64encode(filled.getvalue()).decode()
