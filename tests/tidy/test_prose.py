"""Names and docstrings say what a thing is, not what was done to it or with it."""

import ast
import re

import pytest

from tests.tidy import project

#: What happened to a thing; the thing itself has a name that says more.
DONE = {"found", "told", "read", "made", "asked", "named"}
#: The same of functions: each is named after what it does or gives, and `read` is what one does.
DONE_BY = DONE - {"read"}

_BY_HAND = "somebody names an amount by hand: a word of its own, with columns of that name"
_DOES = "a function that reads, and not what was read"
# A place where such a name is the right word, and why; the list only gets shorter.
EXEMPT = {
    "src/telmee/apps/contracts/booking.py": _BY_HAND,
    "src/telmee/apps/decisions/actions.py": _BY_HAND,
    "src/telmee/apps/receipts/actions.py": _BY_HAND,
    "src/telmee/apps/receipts/figures.py": _BY_HAND,
    "src/telmee/apps/receipts/queries.py": _BY_HAND,
    "src/telmee/apps/organisations/row_security.py": "what a policy lets somebody do: read, insert",
    "src/telmee/cli/obligation.py": _DOES,
    "src/telmee/cli/value.py": _DOES,
    "src/telmee/core/schemes/model.py": "a source has the day on which it was read, as in its file",
}


def done_names(source: str) -> set[str]:
    """The names in a piece of code that say what was done: of things, arguments and functions."""
    nodes = list(ast.walk(ast.parse(source)))
    stored = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    functions = {
        node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    return {name for name in stored | arguments if name.rstrip("_") in DONE} | {
        name for name in functions if name.strip("_") in DONE_BY
    }


def givers(source: str) -> list[str]:
    """The docstrings that open with "Give" or "Tell": they say what comes out instead."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = (
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, documented)
    )
    return [doc.splitlines()[0] for doc in docs if re.match(r"(Give|Tell)s?\b", doc)]


def test_a_name_says_what_the_thing_is() -> None:
    naming = {
        project.name(path): names
        for folder in ("src", "tools", "bench")
        for path in project.files(".py", under=folder)
        if (names := done_names(project.read(path)))
    }
    elsewhere = {name: naming[name] for name in naming.keys() - EXEMPT.keys()}
    assert elsewhere == {}, "call it what it is"
    assert EXEMPT.keys() - naming.keys() == set(), "these exemptions are no longer needed"


def test_a_docstring_says_what_comes_out() -> None:
    opening = {
        project.name(path): docs
        for path in project.files(".py")
        if (docs := givers(project.read(path)))
    }
    assert opening == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("found = 1", {"found"}),
        ("def f(told: str) -> None: ...", {"told"}),
        ("x = [made for made in y]", {"made"}),
        ("class A:\n    named_: int", {"named_"}),
        ("def read(self): return self.asked", set()),
        ("def _told(): ...", {"_told"}),
    ],
)
def test_the_checker_sees_a_name(source: str, names: set[str]) -> None:
    assert done_names(source) == names


def test_the_checker_sees_an_opening() -> None:
    docs = ("Give the path.", "Tells all.", "Given.", "The path.")
    source = "\n".join(f'def f():\n    """{doc}"""' for doc in docs)
    assert givers(source) == ["Give the path.", "Tells all."]
