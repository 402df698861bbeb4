"""Lists: a view declares columns and filters once; sorting, searching, pages and files follow.

A list costs two queries, whatever its length: one to count and one for the page. What a file holds
is what the screen shows, all pages of it, with the same filters and order. A parameter that makes
no sense (an old link, a typed address) falls back to the default without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import chain
from typing import Any, Literal
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from telmee.apps.organisations.many import batches
from telmee.core.bsn import find_bsn
from telmee.core.errors import Problem
from telmee.web import exports
from telmee.web.addresses import number_in
from telmee.web.language import Words, in_words
from telmee.web.templatetags.telmee import day, euros, hundredths, status, unbroken

PAGE_SIZE = 50
_PAGES_AROUND = 2
_SEARCH_MAX = 100
#: Where a row says how many rows fit, when they are counted along.
_OF_ALL = "of_all"
#: Rows of a file that are in memory at a time.
_CHUNK = 2000

Kind = Literal[
    "text",
    "name",
    "prose",
    "code",
    "money",
    "date",
    "hours",
    "count",
    "status",
    "action",
]
#: A QuerySet (of values or of objects), or a list of dicts.
Rows = QuerySet[Any, Any] | list[dict[str, Any]]
Prepare = Callable[[Iterable[Any]], list[Any]]

_CSS: Mapping[Kind, str] = {
    "money": "is-amount",
    "hours": "is-amount",
    "count": "is-amount",
    "date": "is-date",
    "name": "is-name",
    "prose": "is-prose",
    "code": "is-code",
    "action": "is-action",
    "status": "is-status",
}
_WRITERS: Mapping[Kind, Callable[[Any], str]] = {
    "money": euros,
    "date": day,
    "hours": hundredths,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where its value is, how it is shown, and by what it is sorted.

    `order` is an expression for `order_by`, mostly the key itself; without it there is no sorting.
    `words` turns a value into what people read; for a status into the word and its kind. `url`
    makes a link of the cell; the first column that has one is the name of the row. `under` is a
    column of its own that the screen shows in the same cell, below. The `name` of an organisation
    has room for most of them; `prose` may be a paragraph and takes several lines; a `code` stays on
    one line; an `action` is something to press, stays in sight, and is in no file. A phone shows a
    row as a card, without the columns that are not `on_phone`.
    """

    key: str
    label: Words
    kind: Kind = "text"
    order: str | None = None
    words: Callable[[Any], Any] | None = None
    url: Callable[[Any], str | None] | None = None
    under: Column | None = None
    on_phone: bool = True

    @property
    def stack(self) -> Iterator[Column]:
        """This column and those that stand below it in the same cell."""
        yield self
        if self.under is not None:
            yield from self.under.stack

    def value(self, row: object) -> Any:
        """Take the value out of a row, a dict or an object; `__` follows a relation."""
        if isinstance(row, Mapping):
            return row[self.key]
        for name in self.key.split("__"):
            row = getattr(row, name, None)
        return row

    def read(self, row: object) -> object:
        """The value as a file holds it: words for people, figures as figures."""
        value = self.value(row)
        if self.words is None:
            return value
        words = self.words(value)
        return words[0] if self.kind == "status" else words

    def cell(self, row: object) -> SafeString | str:
        """The value as the screen shows it."""
        value = self.value(row)
        if self.kind == "status":
            return status(*(self.words(value) if self.words else (value,)))
        if self.words is not None:
            return str(self.words(value))
        return _WRITERS[self.kind](value) if self.kind in _WRITERS else _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _in_page(column: Column, content: SafeString | str) -> str:
    """What can stand in a page as it is: text is escaped, and markup of ours was before.

    A day is whole, also on a phone, where what is said with it takes another line.
    """
    whole = unbroken(content) if column.kind == "date" else content
    return whole if isinstance(whole, SafeString) else escape(str(whole))


class _Cell:
    """A column as it is written on the screen: what every row has the same is made once."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._marks = _marks(column)
        self._below = [
            (one, f'<div class="below {_marks(one)}') for one in column.stack if one is not column
        ]

    def written(self, row: object, url: str | None, *, is_name: bool) -> str:
        """Write the cell of a row, as a link when it is one; Enter opens the name of a row."""
        content = _in_page(self.column, self.column.cell(row))
        if url:
            key = ' data-key="Enter"' if is_name else ""
            content = f'<a href="{escape(url)}"{key}>{content}</a>'
        content += "".join(self._under(row))
        if is_name:
            return f'<th scope="row" class="{self._marks}{content}</th>'
        return f'<td class="{self._marks}{content}</td>'

    def _under(self, row: object) -> Iterator[str]:
        """Write what stands below in the same cell; what is empty takes no line."""
        for one, opening in self._below:
            if content := one.cell(row):
                yield f"{opening}{_in_page(one, content)}</div>"


def _marks(column: Column) -> str:
    css = _CSS.get(column.kind, "") if column.on_phone else f"{_CSS.get(column.kind, '')} not-phone"
    return f'{css.strip()}" data-label="{escape(str(column.label))}">'


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the list. `lookup` is a filter of the QuerySet, or a function of rows.

    A hidden one is chosen elsewhere on the page, and goes along. Without `choices` people type,
    where there would be a thousand to choose from.
    """

    key: str
    label: Words
    choices: Callable[[], Iterable[tuple[str, Words]]] | None
    lookup: str | Callable[[Any, str], Any]
    is_hidden: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves rows out; what only goes along says which list it is."""
        return self.lookup is not _as_they_are

    def fits(self, value: str) -> bool:
        """Whether this can be chosen; whatever is typed can."""
        return self.choices is None or any(value == str(key) for key, _label in self.choices())

    def applied(self, rows: Rows, value: str) -> Rows:
        """The rows of a queryset that fit the choice made in this filter."""
        if callable(self.lookup):
            return self.lookup(rows, value)  # type: ignore[no-any-return]
        if isinstance(rows, list):
            return [row for row in rows if str(row[self.lookup]) == value]
        return rows.filter(**{self.lookup: value})


def goes_along(*keys: str) -> tuple[Filter, ...]:
    """What an address asks besides its list: it goes along with each page, order, search and file.

    Without it the next page of the lines behind a number would be of another number.
    """
    return tuple(Filter(key, key, None, _as_they_are, is_hidden=True) for key in keys)


def _as_they_are(rows: Any, _value: str) -> Any:
    return rows


def status_choices(
    words: Mapping[Any, tuple[Words, str]],
) -> Callable[[], list[tuple[str, Words]]]:
    """The choices of a filter by status: each key with its word; no key is no choice."""
    return lambda: [(str(key), word) for key, (word, _kind) in words.items() if key]


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a list is, said once for screen and file.

    `search` names what a search looks in: lookups such as `name__icontains` (a row fits when one
    of them does), or a function of the rows and the text. `default` is a column's key, with a
    minus for downwards. With `has_anchors` the row of a line is at `#row-` and its `pk`. Where
    to count is as dear as the rows, each row of a queryset says itself how many fit, with
    `counts_along`.
    """

    name: Words
    columns: Sequence[Column]
    default: str
    filters: Sequence[Filter] = ()
    search: Sequence[str] | Callable[[Any, str], Any] = ()
    search_label: Words = ""
    last_order: str = "pk"
    has_anchors: bool = False
    page_size: int = PAGE_SIZE
    counts_along: bool = False

    @property
    def each(self) -> Iterator[Column]:
        """Every column apart, also those that share a cell."""
        for column in self.columns:
            yield from column.stack

    def read(self, request: HttpRequest, rows: Rows, *, prepare: Prepare | None = None) -> Listing:
        """The list that the address of the request asks for.

        `prepare` puts beside rows what only Python knows of them. It is given the rows of one page
        at a time, and of a file some thousand, so that a long list is never whole in memory.
        """
        return Listing(self, request, rows, prepare)


def _row(cells: Sequence[_Cell], row: object, anchor: str) -> str:
    written, has_name = [], False
    for cell in cells:
        url = cell.column.url(row) if cell.column.url else None
        written.append(cell.written(row, url, is_name=bool(url) and not has_name))
        has_name = has_name or bool(url)
    return f"<tr data-row{anchor}>{''.join(written)}</tr>"


def _options(choices: Iterable[tuple[str, Words]], value: str) -> SafeString:
    """Write the options of a filter; there may be as many as there are contracts."""
    return SafeString(
        "".join(
            f'<option value="{escape(str(key))}"{" selected" if str(key) == value else ""}>'
            f"{escape(str(label))}</option>"
            for key, label in choices
        )
    )


class Listing:
    """One list for one request; `components/list.html` shows it."""

    def __init__(
        self, page: ListPage, request: HttpRequest, rows: Rows, prepare: Prepare | None = None
    ) -> None:
        self.page = page
        self._prepare = prepare or list
        self._read: dict[int, list[Any]] = {}
        self._asked = request.GET
        self._rows = rows
        self.path = request.path
        self.problem = ""
        self.query = self._typed("q")
        self._filled_in = {
            entry.key: self._typed(entry.key) for entry in page.filters if entry.choices is None
        }

    def _typed(self, key: str) -> str:
        """What somebody types to look for; a BSN is neither searched for nor repeated."""
        typed = self._asked.get(key, "").strip()[:_SEARCH_MAX].replace("\0", "")
        if find_bsn(typed):
            self.problem = in_words(Problem("bsn_typed"))
            return ""
        return typed

    # What was asked -------------------------------------------------------------------------

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The choices that were made in the filters and exist, by the filter's name."""
        choices = {}
        for entry in self.page.filters:
            value = self._filled_in.get(entry.key, self._asked.get(entry.key, ""))
            if value and entry.fits(value):
                choices[entry.key] = value
        return choices

    @cached_property
    def sort(self) -> tuple[Column, bool]:
        """The column to sort by, and whether downwards."""
        columns = {column.key: column for column in self.page.each if column.order}
        wanted = self._asked.get("sort", "")
        key = wanted if wanted.removeprefix("-") in columns else self.page.default
        return columns[key.removeprefix("-")], key.startswith("-")

    @property
    def has_search(self) -> bool:
        """Whether there is a box to search in; a template would call a function of ours."""
        return bool(self.page.search)

    @property
    def has_fields(self) -> bool:
        """Whether there is something to fill in; else only a phone has a use for the form."""
        return self.has_search or not all(entry.is_hidden for entry in self.page.filters)

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.query or any(entry.narrows for entry in self._chosen_filters))

    @property
    def everything(self) -> str:
        """The address of the same list without a search or a filter."""
        kept = {one.key: self.chosen[one.key] for one in self._chosen_filters if not one.narrows}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    @property
    def _chosen_filters(self) -> list[Filter]:
        return [entry for entry in self.page.filters if entry.key in self.chosen]

    # Which rows -----------------------------------------------------------------------------

    @cached_property
    def rows(self) -> Rows:
        """All rows that fit, in their order; no query runs before somebody goes through them."""
        rows = self._rows
        for entry in self.page.filters:
            if value := self.chosen.get(entry.key):
                rows = entry.applied(rows, value)
        if self.query:
            rows = self._searched(rows)
        if self.page.counts_along and not isinstance(rows, list):
            rows = rows.annotate(**{_OF_ALL: Window(Count("pk"))})
        return self._ordered(rows)

    def _searched(self, rows: Rows) -> Rows:
        search = self.page.search
        if callable(search):
            return search(rows, self.query)  # type: ignore[no-any-return]
        if isinstance(rows, list):
            text = self.query.casefold()
            return [row for row in rows if any(text in str(row[key]).casefold() for key in search)]
        either = Q()
        for lookup in search:
            either |= Q(**{lookup: self.query})
        return rows.filter(either)

    def _ordered(self, rows: Rows) -> Rows:
        """Sort; nothing comes last both ways, and equals keep one order on every page."""
        column, downwards = self.sort
        assert column.order is not None  # noqa: S101 - `sort` gives only columns that have one
        key = column.order
        if isinstance(rows, list):
            known = [row for row in rows if row[key] is not None]
            empty = [row for row in rows if row[key] is None]
            return sorted(known, key=lambda row: row[key], reverse=downwards) + empty
        by = F(key).desc(nulls_last=True) if downwards else F(key).asc(nulls_last=True)
        return rows.order_by(by, self.page.last_order)

    @cached_property
    def total(self) -> int:
        """Count the rows that fit."""
        if isinstance(self.rows, list):
            return len(self.rows)
        if self.page.counts_along and (rows := self._page(self._wanted)):
            row = rows[0]
            return int(row[_OF_ALL] if isinstance(row, Mapping) else getattr(row, _OF_ALL))
        return self.rows.count()

    @cached_property
    def pages(self) -> int:
        """Count the pages; an empty list has one."""
        return max(1, -(-self.total // self.page.page_size))

    @cached_property
    def number(self) -> int:
        """The number of the page that is shown, from 1; one past the end becomes the last."""
        return min(self._wanted, self.pages)

    @cached_property
    def _wanted(self) -> int:
        return number_in(self._asked.get("page")) or 1

    @cached_property
    def shown(self) -> list[Any]:
        """The rows of this page alone."""
        return self._prepare(self._page(self.number))

    def _page(self, number: int) -> list[object]:
        """The rows of a page; the same page is read once."""
        if number not in self._read:
            start = (number - 1) * self.page.page_size
            self._read[number] = list(self.rows[start : start + self.page.page_size])
        return self._read[number]

    @property
    def first(self) -> int:
        """The number of the first row on this page, for people: from 1."""
        return (self.number - 1) * self.page.page_size + 1

    @property
    def last(self) -> int:
        """The number of the last row on this page."""
        return self.first + len(self.shown) - 1

    # What the template shows ----------------------------------------------------------------

    def link(self, **changes: str | int) -> str:
        """The address of this list with something changed; the rest stays."""
        column, downwards = self.sort
        sort = f"{'-' if downwards else ''}{column.key}"
        params: dict[str, str | int] = {"q": self.query, **self.chosen}
        params["sort"] = sort if sort != self.page.default else ""
        params.update(changes)
        query = urlencode({key: value for key, value in params.items() if value != ""})
        return f"{self.path}?{query}" if query else self.path

    @property
    def headings(self) -> Iterator[dict[str, Any]]:
        """The heading of each cell: what stands in it, and how it can be sorted.

        What stands below in a cell and sorts nothing says by itself what it is.
        """
        for column in self.page.columns:
            labelled = (one for one in column.stack if one is column or one.order)
            labels = [self._heading(one) for one in labelled]
            order = next((label["order"] for label in labels if label["order"]), "")
            yield {"css": _CSS.get(column.kind, ""), "labels": labels, "order": order}

    def _heading(self, column: Column) -> dict[str, object]:
        current, downwards = self.sort
        sorted_now = column is current
        minus = "-" if sorted_now and not downwards else ""
        return {
            "label": column.label,
            "url": self.link(sort=f"{minus}{column.key}") if column.order else "",
            "order": ("descending" if downwards else "ascending") if sorted_now else "",
        }

    @property
    def controls(self) -> Iterator[dict[str, object]]:
        """Each filter with its choices and the one that was made."""
        for entry in self.page.filters:
            yield {
                "key": entry.key,
                "label": entry.label,
                "is_typed": entry.choices is None,
                "options": _options(
                    entry.choices() if entry.choices else (), self.chosen.get(entry.key, "")
                ),
                "value": self.chosen.get(entry.key, ""),
                "is_hidden": entry.is_hidden,
            }

    @property
    def orders(self) -> Iterator[dict[str, object]]:
        """Every order as a choice, for a phone, where the headings are not in sight."""
        for column in self.page.each:
            for minus, arrow in (("", "▲"), ("-", "▼")) if column.order else ():
                key = minus + column.key
                yield {
                    "value": "" if key == self.page.default else key,
                    "label": column.label,
                    "arrow": arrow,
                    "chosen": self.sort == (column, bool(minus)),
                }

    @property
    def body(self) -> SafeString:
        """The rows of the table; written here, because a template needs ten times as long."""
        cells = [_Cell(column) for column in self.page.columns]
        has_anchors = self.page.has_anchors
        return SafeString(
            "".join(
                _row(cells, row, f' id="row-{row.pk}"' if has_anchors else "") for row in self.shown
            )
        )

    @property
    def numbers(self) -> list[int | None]:
        """The page numbers to show, with None where some are left out."""
        near = range(self.number - _PAGES_AROUND, self.number + _PAGES_AROUND + 1)
        kept = sorted({1, self.pages, *(page for page in near if 1 <= page <= self.pages)})
        shown_numbers: list[int | None] = []
        for page in kept:
            if shown_numbers and page - (shown_numbers[-1] or 0) > 1:
                shown_numbers.append(None)
            shown_numbers.append(page)
        return shown_numbers

    @property
    def page_links(self) -> Iterator[dict[str, object]]:
        """Each page number with its address."""
        for page in self.numbers:
            yield {"number": page, "url": self.link(page=page) if page else ""}

    @property
    def previous_url(self) -> str:
        """The address of the page before this one; empty on the first."""
        return self.link(page=self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        """The address of the page after this one; empty on the last."""
        return self.link(page=self.number + 1) if self.number < self.pages else ""

    @property
    def export_links(self) -> dict[str, str]:
        """The address of each kind of file that holds this list."""
        return {kind: self.link(export=kind) for kind in exports.KINDS}

    # Files ----------------------------------------------------------------------------------

    def file(self) -> HttpResponse | None:
        """The file that the address asks for, with all pages; None when it asks for none."""
        kind = self._asked.get("export", "")
        if kind not in exports.KINDS:
            return None
        columns = [column for column in self.page.each if column.kind != "action"]
        heads = [(str(column.label), column.kind) for column in columns]
        values = ([column.read(row) for column in columns] for row in self._all())
        return exports.answer(kind, str(self.page.name), heads, values)

    def _all(self) -> Iterable[object]:
        if isinstance(self.rows, list):
            return self._prepare(self.rows)
        rows = self.rows.iterator(chunk_size=_CHUNK)
        return chain.from_iterable(map(self._prepare, batches(rows, _CHUNK)))
