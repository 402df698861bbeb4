"""A template can be read and its changes seen: each block of a page begins on a line of its own."""

from __future__ import annotations

import re

from tests.tidy.project import ROOT

_TEMPLATES = ROOT / "src/telmee/web/templates"
_BLOCK = re.compile(
    r"<(?:article|aside|dd|details|dialog|div|dl|dt|fieldset|figure|form|h[1-6]|legend|li|main|nav"
    r"|ol|option|p|section|summary|table|tbody|td|th|thead|tr|ul)\b"
)
_LENGTH_MAX = 160
_COLUMNS_WIDE = 4


def _lines() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(_TEMPLATES)}:{number}", line)
        for path in sorted(_TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
    ]


def test_no_line_begins_two_blocks() -> None:
    assert [place for place, line in _lines() if len(_BLOCK.findall(line)) > 1] == []


def test_no_line_is_long() -> None:
    assert [place for place, line in _lines() if len(line) > _LENGTH_MAX] == []


def test_no_section_has_the_name_of_the_table_in_it() -> None:
    """Both are landmarks: who goes from one to the next by keyboard hears the same name twice."""
    twice = []
    for path in sorted(_TEMPLATES.rglob("*.html")):
        text = path.read_text("utf-8")
        tables = set(re.findall(r"{% table_region _\(([^)]*)\)", text))
        for label in re.findall(r'<section[^>]*aria-labelledby="([^"]*)"', text):
            heading = re.search(rf'<h\d[^>]*id="{label}"[^>]*>\s*{{% translate ("[^"]*") %}}', text)
            if heading and heading[1] in tables:
                twice.append(f"{path.relative_to(_TEMPLATES)}: {heading[1]}")
    assert twice == []


def test_a_wide_table_is_stacked_on_a_phone() -> None:
    """Four columns have no room at 390 pixels."""
    wide = []
    for path in sorted(_TEMPLATES.rglob("*.html")):
        for css, head in re.findall(
            r'<table class="([^"]*)"(.*?)</thead>', path.read_text("utf-8"), re.DOTALL
        ):
            if "stack" not in css.split() and head.count("<th ") >= _COLUMNS_WIDE:
                wide.append(str(path.relative_to(_TEMPLATES)))
    assert wide == []
