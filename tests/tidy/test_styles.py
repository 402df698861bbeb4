"""The style sheets have what pages use, and nothing that no page uses any more."""

from __future__ import annotations

import re
from itertools import chain

from tests.tidy import project

#: Classes of which a page or a script writes the beginning and adds the end.
_MADE_UP_OF_PARTS = ("status--", "chart__drawing--", "chart__fill-", "chart__line-")
#: The classes that htmx adds itself.
_OF_HTMX = {"htmx-indicator", "htmx-request"}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"([^{}]+)\{")
_CLASS = re.compile(r"\.([a-z][\w-]*)")


def _of_style_sheets() -> set[str]:
    sheets = (project.read(path) for path in project.files(".css", under="src/telmee/web/css"))
    selectors = chain.from_iterable(_SELECTOR.findall(_COMMENT.sub("", sheet)) for sheet in sheets)
    return {name for selector in selectors for name in _CLASS.findall(selector)}


def _words_of_pages() -> set[str]:
    sources = project.files(".html", ".py", ".js", under="src/telmee")
    return {word for path in sources for word in re.findall(r"[\w-]+", project.read(path))}


def test_no_class_of_a_style_sheet_is_left_over() -> None:
    classes, words = _of_style_sheets(), _words_of_pages()
    assert len(classes) > 100
    left = {name for name in classes - words if not name.startswith(_MADE_UP_OF_PARTS)}
    assert left == _OF_HTMX


def test_each_beginning_of_a_class_is_written_by_a_page() -> None:
    sources = project.files(".html", ".py", ".js", under="src/telmee")
    text = "\n".join(map(project.read, sources))
    assert [part for part in _MADE_UP_OF_PARTS if not re.search(rf"{part}[{{'\"]", text)] == []
