"""Every text of the pages has its Dutch, with the same things filled in."""

from pathlib import Path

from babel.messages.catalog import Catalog

from tools.messages import SOURCE, Key, all_faults, area_of, clashes, faults, texts_in, words_of


def _words(*pairs: tuple[str | tuple[str, str], str | tuple[str, str]]) -> Catalog:
    made = Catalog(locale="nl")
    for english, dutch in pairs:
        made.add(english, dutch)
    return made


def test_every_text_of_the_pages_has_its_dutch() -> None:
    assert all_faults() == []


def test_a_missing_a_gone_and_a_differing_text_are_told() -> None:
    words = words_of(_words(("Open", ""), ("Gone", "Weg"), ("%(n)s days", "%(m)s dagen")))
    texts: dict[Key, str] = {
        (None, "Open"): "a.html:1",
        (None, "New"): "a.html:2",
        (None, "%(n)s days"): "a.html:3",
    }
    assert faults(texts, words) == [
        "a.html:1: no Dutch for 'Open'",
        "a.html:2: no Dutch for 'New'",
        "Dutch for a text that is gone: 'Gone'",
        "placeholders differ: '%(n)s days'",
    ]


def test_both_forms_of_a_plural_are_needed() -> None:
    text = ("%(n)s line", "%(n)s lines")
    places: dict[Key, str] = {(None, text): "a.html:1"}
    whole = words_of(_words((text, ("%(n)s regel", "%(n)s regels"))))
    half = words_of(_words((text, ("%(n)s regel", ""))))
    assert faults(places, whole) == []
    assert faults(places, half) == [f"a.html:1: no Dutch for {text!r}"]


def test_one_english_text_has_one_dutch_text() -> None:
    areas = {
        "one": words_of(_words(("Open", "Open"))),
        "two": words_of(_words(("Open", "Nog te doen"))),
    }
    assert clashes(areas) == ["one and two differ on 'Open'"]


def test_texts_are_found_in_templates_and_in_python(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "A" %}{% include "x" with title=_("B") %}\n'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}\n"
        '  {{ text|default:_("C") }}'
    )
    module = tmp_path / "page.py"
    module.write_text('from x import gettext_lazy as _\nlabel = _("D")\n')
    found = [key[1] for path in (page, module) for key, _line in texts_in(path)]
    assert found == ["A", "B", ("%(n)s day", "%(n)s days"), "C", "D"]


def test_an_area_is_a_folder_and_the_rest_is_shared() -> None:
    web = SOURCE / "web"
    assert area_of(web / "site" / "views.py") == "site"
    assert area_of(web / "templates" / "base.html") == "site"
    assert area_of(web / "templates" / "components" / "list.html") == "site"
    assert area_of(web / "templates" / "schemes" / "list.html") == "schemes"
    assert area_of(web / "schemes" / "views.py") == "schemes"
