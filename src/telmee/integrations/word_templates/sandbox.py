"""What a template may say: fields, lists of rows, and whether something is there. Nothing more.

Two locks. Whatever is going to be rendered is looked at first, and what is not on the list is
refused; and the environment it runs in gives out items of the facts and nothing else: no attribute
of an object, no call, no filter but three, no file, no import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import ChainableUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from telmee.core.errors import DomainError, Problem

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
    nodes.Getattr, nodes.Getitem, nodes.Filter,
)  # fmt: skip
_FILTERS = ("upper", "lower", "capitalize")
#: A fact is a text or a list: what is more or less than another is no question about one.
_COMPARED = ("eq", "ne")
#: What a loop says of itself.
_LOOP = ("index", "first", "last", "length")
_DEEP_MAX = 3
_LONG_MAX = 2_000_000


class Fields(SandboxedEnvironment):
    """Renders what a template says of the facts, and collects the fields that are none of them."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(autoescape=True, undefined=ChainableUndefined)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {}
        self.unknown: set[str] = set()
        self._facts = facts

    def from_string(self, source: Any, *_args: Any, **_more: Any) -> Template:
        """Compile a piece of a template, once it was looked at."""
        if len(source) > _LONG_MAX:
            raise DomainError(Problem("file_too_heavy"))
        tree = self.parse(source)
        self._look(tree, {}, 0)
        return super().from_string(source)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An item of a row, or what a loop says of itself; never an attribute."""
        return self._item(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """As `getattr`."""
        return self._item(obj, argument)

    def call(self, *_args: Any, **_more: Any) -> Any:
        """Nothing can be called."""
        raise SecurityError("a call")

    def _item(self, obj: Any, name: Any) -> Any:
        if type(obj) is dict and isinstance(name, str) and name in obj:
            return obj[name]
        if type(obj) is LoopContext and name in _LOOP:
            return getattr(obj, name)
        return self.undefined(name=str(name)[:80])

    def _look(self, node: nodes.Node, rows: Mapping[str, str], deep: int) -> None:
        """Refuse what is not allowed, and collect what is unknown.

        `rows` are the names that loops around it gave to a row, with the list that it is of.
        """
        if not isinstance(node, _ALLOWED):
            raise _code(type(node).__name__.lower())
        if isinstance(node, nodes.For):
            self._look_in_loop(node, rows, deep)
            return
        if isinstance(node, nodes.Filter) and (node.name not in _FILTERS or node.args):
            raise _code(node.name)
        if isinstance(node, nodes.Operand) and node.op not in _COMPARED:
            raise _code(node.op)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            self._look_at_item(node, rows)
            return
        if isinstance(node, nodes.Name):
            known = node.name in self._facts or node.name in rows
            self.unknown |= set() if known else {node.name[:80]}
        for child in node.iter_child_nodes():
            self._look(child, rows, deep)

    def _look_in_loop(self, loop: nodes.For, rows: Mapping[str, str], deep: int) -> None:
        if deep >= _DEEP_MAX or loop.recursive or loop.test is not None:
            raise _code("for")
        over, row = loop.iter, loop.target
        if not (isinstance(over, nodes.Name) and isinstance(row, nodes.Name)):
            raise _code("for")
        if not isinstance(self._facts.get(over.name), list):
            self.unknown.add(over.name[:80])
        inside = {**rows, row.name: over.name, "loop": ""}
        for child in (*loop.body, *loop.else_):
            self._look(child, inside, deep + 1)

    def _look_at_item(self, item: nodes.Getattr | nodes.Getitem, rows: Mapping[str, str]) -> None:
        """A part of a row, by its name; of anything else there are no parts."""
        whole = item.node
        part = item.attr if isinstance(item, nodes.Getattr) else _constant(item.arg)
        if not isinstance(whole, nodes.Name) or part is None:
            raise _code("[ ]")
        name = f"{whole.name}.{part}"[:80]
        if whole.name not in rows:
            self.unknown.add(name)
        elif whole.name == "loop":
            self.unknown |= set() if part in _LOOP else {name}
        else:
            known = self._facts.get(rows[whole.name]) or [{}]
            self.unknown |= set() if part in known[0] or not known[0] else {name}


def _constant(node: nodes.Node) -> str | None:
    value = node.value if isinstance(node, nodes.Const) else None
    return value if isinstance(value, str) else None


def _code(words: str) -> DomainError:
    return DomainError(Problem("template_code", "template", params={"words": words[:40]}))
