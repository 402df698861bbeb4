"""What stands in a template to begin with, for each kind of letter and of report.

As it is it makes a whole letter or report. Who makes his own keeps what he needs of it. In Dutch,
as the names of the fields are.
"""

from __future__ import annotations

from collections.abc import Iterator

from telmee.integrations.word_templates import Line, Pairs, Rows
from telmee.texts.catalogue import words_in
from telmee.texts.letters.fields import LISTS
from telmee.texts.letters.reports import REPORT_KINDS, REPORT_LISTS, REPORT_TEXTS

Block = Line | Pairs | Rows

#: What the title of a report says already.
_IN_TITLE = ("titel", "soort", "jaar", "afzender")


def example_blocks(kind: str) -> Iterator[Block]:
    """The blocks of a template for a kind of letter or report, its fields in their places."""
    return _report() if kind in REPORT_KINDS else _letter()


def _report() -> Iterator[Block]:
    """All that a report says: its figures, a table for each list, and how it was counted."""
    words = words_in("letters/fields.toml")
    yield Line("{{ titel }}", 0)
    yield Line("{{ afzender }}")
    yield Pairs(
        [
            (str(words[name]["nl"]), f"{{{{ {name} }}}}")
            for name in REPORT_TEXTS
            if name not in _IN_TITLE
        ]
    )
    for name, parts in REPORT_LISTS.items():
        yield Rows(str(words[name]["nl"]), name, parts)


def _letter() -> Iterator[Block]:
    """The head, the whole text line by line, the facts and the sum, and the end of a letter."""
    yield from map(Line, ("{{ afzender }}", "{{ adres }}", "{{ ontvanger }}"))
    yield Pairs(
        [("Datum", "{{ datum }}"), ("Kenmerk", "{{ kenmerk }}"), ("Opdracht", "{{ opdracht }}")]
    )
    yield Line("{{ titel }}", 1)
    yield Line("{{ aanhef }}")
    yield from map(Line, ("{%p for rij in regels %}", '{%p if rij.soort == "kop" %}'))
    yield Line("{{ rij.tekst }}", 2)
    yield from map(Line, ("{%p else %}", "{{ rij.tekst }}", "{%p endif %}", "{%p endfor %}"))
    yield Rows("Gegevens", "gegevens", LISTS["gegevens"])
    yield Rows("Berekening", "bedragen", LISTS["bedragen"])
    yield from map(Line, ("{{ grondslag }}", "{{ afsluiting }}", "{{ ondertekenaar }}"))
