"""The blocks that a letter or a report is made of, as JSON; a template says how each looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
#: What stands in a cell: words, or words that lead somewhere.
Words = str | Block


def heading(words: str) -> Block:
    """A heading within the letter."""
    return {"is": "heading", "text": words}


def text(words: str) -> Block:
    """A paragraph."""
    return {"is": "text", "text": words}


def strong(words: str) -> Block:
    """A paragraph that says what it is all about."""
    return {"is": "strong", "text": words}


def quote(words: str) -> Block:
    """What a person wrote, set apart from what the product says."""
    return {"is": "quote", "text": words}


def terms(rows: Iterable[tuple[str, str]]) -> Block:
    """Words with what they are; those that are nothing are left out."""
    return {"is": "terms", "rows": [list(row) for row in rows if row[1]]}


def steps(sentences: Iterable[str]) -> Block:
    """Sentences in their order, numbered."""
    return {"is": "steps", "sentences": list(sentences)}


def link(words: str, address: str) -> Words:
    """Words that lead to an address on a screen; without one they are words."""
    return {"text": words, "url": address} if address else words


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Words]],
    *,
    amounts: int = 1,
    total: Sequence[str] = (),
) -> Block:
    """A table with a caption and a heading for each column; its last `amounts` columns are sums."""
    first = len(columns) - amounts
    block: Block = {
        "is": "table",
        "caption": caption,
        "amounts": amounts,
        "columns": [{"label": label, "amount": at >= first} for at, label in enumerate(columns)],
        "rows": [list(row) for row in rows],
    }
    return block | {"total": list(total)} if total else block
