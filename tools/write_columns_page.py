"""Write docs/columns.md and docs/contribution.schema.json from the register of columns.

Run it after a change in src/telmee/core/tables/contribution_columns.py or in
src/telmee/texts/columns.toml; a tidy test compares both with these, so that they can never tell
another story than the template, the forms and the program that reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "columns.md"
SCHEMA = ROOT / "docs" / "contribution.schema.json"
sys.path.insert(0, str(ROOT / "src"))

from telmee.core.periods import FIRST_DATE, LAST_DATE  # noqa: E402
from telmee.core.tables.columns import Column, Kind  # noqa: E402
from telmee.core.tables.contribution_columns import CONTRIBUTION  # noqa: E402
from telmee.texts.columns import column_help, column_label, sheet_messages  # noqa: E402

_HEAD = """# The columns of a contribution

What a file of effort may hold, a line each. The order of the columns is free, and of a heading only
its letters and digits count. Which columns a line needs follows from its block; the template of a
scheme (`./telmee template`) says so. How cells are read is in
[valuation](algorithms/valuation.md#9-reading-files). For programs the same stands in
[a JSON Schema](contribution.schema.json). `tools/write_columns_page.py` writes both, from the
register and the words that the program itself uses.

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


_ABOUT = (
    "One line of effort, with its cells under the names of the columns; an empty cell is left out. "
    "Hours and euros have at most two decimals. Which cells a line needs follows from its block. "
    "Other names are left aside. What else is refused: docs/columns.md."
)
_CENTURIES = "|".join(
    str(century) for century in range(FIRST_DATE.year // 100, LAST_DATE.year // 100 + 1)
)
_JSON_TYPES: dict[Kind, dict[str, str]] = {
    Kind.DATE: {
        "type": "string",
        "format": "date",
        "pattern": rf"^({_CENTURIES})\d\d-\d\d-\d\d$",
    },
    Kind.ENTERPRISE: {"type": "string", "pattern": r"^\d{8}$"},
    Kind.COUNT: {"type": "integer"},
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


def schema() -> str:
    """The text of the JSON Schema of one line."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Telmee contribution",
        "description": _ABOUT,
        "type": "object",
        "properties": {name: _property(column) for name, column in CONTRIBUTION.items()},
        "required": list(CONTRIBUTION.required),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _property(column: Column) -> dict[str, Any]:
    """A column as JSON Schema: the same type and bounds as the page says in words."""
    about = column_help(column.name, "en")
    return {
        "title": column_label(column.name, "en"),
        **({"description": about} if about else {}),
        **(_number(column) if column.kind.is_number else _text(column)),
    }


def _number(column: Column) -> dict[str, Any]:
    least = "minimum" if column.zero else "exclusiveMinimum"
    maximum = column.maximum // 10**column.kind.decimals
    return {**_JSON_TYPES.get(column.kind, {"type": "number"}), least: 0, "maximum": maximum}


def _text(column: Column) -> dict[str, Any]:
    exact = _JSON_TYPES.get(column.kind)
    if exact is not None:
        return dict(exact)
    limit = {} if column.limit is None else {"maxLength": column.limit.maximum}
    return {"type": "string", "minLength": 1, **limit}


if __name__ == "__main__":
    for path, text in ((PAGE, page()), (SCHEMA, schema())):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
