"""Write docs/columns.md from the register of columns and their words.

Run it after a change in src/telmee/core/tables/contribution_columns.py or in
src/telmee/texts/columns.toml; a tidy test compares the page with both, so that the page can never
tell another story than the template, the forms and the program that reads.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "columns.md"
sys.path.insert(0, str(ROOT / "src"))

from telmee.core.periods import FIRST_DATE, LAST_DATE  # noqa: E402
from telmee.core.tables.columns import Column, Kind  # noqa: E402
from telmee.core.tables.contribution_columns import CONTRIBUTION  # noqa: E402
from telmee.texts.columns import column_label, sheet_messages  # noqa: E402

_HEAD = """# The columns of a contribution

What a file of effort may hold, a line each. The order of the columns is free, and of a heading only
its letters and digits count. Which columns a line needs follows from its block; the template of a
scheme (`./telmee template`) says so. How cells are read is in
[valuation](algorithms/valuation.md#9-reading-files). This page is written by
`tools/write_columns_page.py` from the register and the words that the program itself uses.

| column | on screen | what it takes | what to fill in |
|---|---|---|---|
"""
_TAKES = {
    Kind.DATE: f"a date, {FIRST_DATE:%d-%m-%Y} up to and including {LAST_DATE:%d-%m-%Y}",
    Kind.HOURS: "hours",
    Kind.CENTS: "euros",
    Kind.COUNT: "a whole number",
    Kind.REFERENCE: "a text of your own",
    Kind.CODE: "a code",
    Kind.ENTERPRISE: "a KvK number, eight digits",
    Kind.KEY: "a key of the scheme",
    Kind.KEYS: "keys of the scheme",
}


def page() -> str:
    """The text of the page."""
    messages = sheet_messages(CONTRIBUTION, "en")
    rows = [
        f"| `{name}` | {column_label(name, 'nl')} · {column_label(name, 'en')} | {_takes(column)} "
        f"| {messages[name]} |\n"
        for name, column in CONTRIBUTION.items()
    ]
    return _HEAD + "".join(rows)


def _takes(column: Column) -> str:
    parts = [_TAKES[column.kind]]
    if column.kind.is_number:
        least = "0 or more" if column.zero else "more than 0"
        parts.append(f"{least}, at most {column.maximum // 10**column.kind.decimals:,}")
    if column.limit is not None:
        parts.append(f"at most {column.limit.maximum} signs where it is kept")
    if column.required:
        parts.append("required")
    if column.unique:
        parts.append("each one once")
    return "; ".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
