"""The fixed choices of letters, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

#: The languages in which there are words for letters.
LANGUAGES = (("nl", _("Dutch")), ("en", _("English")))
#: The colour of who has not chosen one: it can be read by everybody on white.
USUAL_COLOUR = "#154273"

#: Kinds between a contractor and who takes over a part from him: he sends them, and nobody but the
#: two sees one. `0002_rules` has the same.
PRIVATE = frozenset(("agreed_share",))


class Media(models.TextChoices):
    """In which kind of file a letter is kept."""

    PDF = "pdf", _("PDF")
    DOCX = "docx", _("Word")


def mark_of(prefix: str, year: int, number: int) -> str:
    """The number of a letter as people write it, after what its sender puts before it."""
    return "-".join(filter(None, (prefix, str(year), f"{number:04d}")))
