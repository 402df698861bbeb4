"""Draw the picture in the README: the story of one line, as the program really tells it.

Run it after a change in the words or the example: `.venv/bin/python tools/write_picture.py`.
"""

from __future__ import annotations

import html
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from telmee.cli.valuation_output import as_story  # noqa: E402 (src is put on the path first)
from telmee.core.contributions.effort_file import read_contributions  # noqa: E402
from telmee.core.valuation import value  # noqa: E402
from telmee.integrations.scheme_files import load_scheme  # noqa: E402
from telmee.integrations.spreadsheets import open_table  # noqa: E402

PICTURE = ROOT / "docs" / "pictures" / "explanation.svg"
SCHEME, REFERENCE = "harlingen", "HA-004"
_CHARACTERS, _LINE, _MARGIN, _WIDE = 100, 21, 24, 8.45


def picture() -> str:
    """The picture as SVG, with the same words as text for who cannot see it."""
    scheme = load_scheme(SCHEME)
    lines = read_contributions(open_table(ROOT / "schemes" / SCHEME / "example.csv")).contributions
    valuation = value(scheme, lines)
    story = as_story(valuation, list(lines.reference).index(REFERENCE), "nl")
    rows = [row for line in story.split("\n") for row in _wrapped(line)]
    width, height = int(_CHARACTERS * _WIDE + 2 * _MARGIN), len(rows) * _LINE + 2 * _MARGIN
    drawn = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _LINE * (at + 1) - 6}"{_weight(at)}>'
        f"{html.escape(row)}</text>"
        for at, row in enumerate(rows)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="title" font-family="ui-monospace, Menlo, Consolas, monospace" '
        f'font-size="14" fill="#1b2733" xml:space="preserve">\n'
        f'<title id="title">./telmee value --explain {REFERENCE}</title>\n'
        f'<rect width="{width}" height="{height}" rx="10" fill="#f4f7fa"/>\n{drawn}\n</svg>\n'
    )


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, _CHARACTERS, subsequent_indent=indent) or [""]


def _weight(row: int) -> str:
    return ' font-weight="bold"' if row == 0 else ""


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}\n")
