"""Rules and versions as a page names them: in words, and never by their path or file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import name_of
from telmee.texts import day
from telmee.texts.scheme_words import rule_name
from telmee.web.language import active

if TYPE_CHECKING:
    from telmee.apps.schemes.models import SchemeVersion

#: What a path begins with when it only says where somebody filled something in.
_FILLED_IN = frozenset({"", "column", "contract", "option"})


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule of the scheme by its name; without a name it is a convention of Telmee."""

    name: str
    source: str | None


def rule_in_words(path: str, scheme: Scheme) -> RuleWords | None:
    """The rule at a path in the active language; None where it only says what was filled in."""
    first = path.partition(".")[0]
    if first in _FILLED_IN:
        return None
    name = "" if first == "convention" else rule_name(path, scheme, active())
    return RuleWords(name, scheme.source_of(path))


def scheme_in_words(scheme: SchemeVersion) -> str:
    """A version of a scheme by its title, as people choose it."""
    return f"{scheme.title}, {version_in_words(scheme.version)}"


def version_in_words(version: str) -> str:
    """A version as the day from which it holds; not every source names one.

    A text that was read again has the number of that reading behind it.
    """
    name = name_of(version)
    first = _("undated") if name.is_undated else day(date.fromisoformat(name.first_day), active())
    if name.reading == 1:
        return first
    return _("%(first)s (read again, %(reading)d)") % {"first": first, "reading": name.reading}
