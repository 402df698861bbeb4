"""Functions stop at 70 lines and modules at 600, everywhere."""

import ast

from tests.tidy import project

FUNCTION_LINES_MAX = 70  # docstring included: it is read with the code
MODULE_LINES_MAX = 600

# "path" or "path::function" -> why splitting it would hide one straight story.
EXEMPT: dict[str, str] = {}


def too_long(name: str, source: str) -> list[str]:
    found = []
    if (lines := len(source.splitlines())) > MODULE_LINES_MAX:
        found.append(f"{name} has {lines} lines")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                found.append(f"{name}::{node.name} has {length} lines")
    return found


def test_functions_and_modules_stop_in_time() -> None:
    found = [
        complaint
        for folder in ("src", "tests", "tools", "bench")
        for path in project.files(".py", under=folder)
        for complaint in too_long(project.name(path), project.read(path))
    ]
    subjects = {complaint.split()[0] for complaint in found}
    assert [complaint for complaint in found if complaint.split()[0] not in EXEMPT] == []
    assert EXEMPT.keys() - subjects == set(), "these exemptions are no longer needed"


def test_the_checker_counts_every_line() -> None:
    body = "    pass\n"
    assert too_long("a.py", "def f():\n" + body * 69) == []
    assert too_long("a.py", "def f():\n" + body * 70) == ["a.py::f has 71 lines"]
    assert too_long("a.py", "class C:\n    async def f(self):\n" + "        pass\n" * 70) == [
        "a.py::f has 71 lines"
    ]
    assert too_long("a.py", "x = 1\n" * 600) == []
    assert too_long("a.py", "x = 1\n" * 601) == ["a.py has 601 lines"]
