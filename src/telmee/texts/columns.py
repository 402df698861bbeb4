"""The words of a column: its name on a screen, the sentence that helps, and what a sheet says.

A column has its words here alone (`columns.toml`), so that a form, the template, the page of
documentation and a story call it the same.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from telmee.core.tables.columns import Column, Columns
from telmee.texts.catalogue import words_in
from telmee.texts.formats import Language


def column_label(name: str, language: Language, unit: str = "") -> str:
    """The name of a column on a screen; as exact as it is for blocks of a unit."""
    words = _words()
    return words.get(f"{name}.{unit}", words[name])[f"label_{language}"]


def column_help(name: str, language: Language) -> str:
    """The sentence below a field that helps to fill it in; empty where the label says it all."""
    return _words()[name].get(f"help_{language}", "")


def sheet_messages(columns: Columns, language: Language) -> dict[str, str]:
    """What a sheet says to who clicks in a cell, by the name of the column."""
    return {name: _sheet_message(column, language) for name, column in columns.items()}


def _sheet_message(column: Column, language: Language) -> str:
    words = _words()[column.name]
    about = words.get(f"cell_{language}") or words.get(f"help_{language}")
    maximum = column.maximum // 10**column.kind.decimals
    sentence = (about or f"{words[f'label_{language}']}.").format(maximum=maximum)
    written = _words().get(f"kind.{column.kind.unit}", {}).get(f"label_{language}", "")
    return f"{sentence} {written}".strip()


@functools.cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return words_in("columns.toml")
