"""Change lines on purpose, one at a time, and tell which change no test notices.

    tools/mutations.py [AREA …] [--most N] [--seed N]

Each area names modules and the tests that must notice. A change is made in a copy of the sources,
never in the working tree; a test that fails has noticed it. What is printed at the end, with file
and line, survived: a rule without a test, or a change that means the same. Not part of
`./telmee test`: a change costs as much as its tests. Known survivors, each with its reason, are in
`tools/mutations.toml`.

An area that ends in `-sql` changes what the migrations of an app say to the database: its
functions, triggers and policies. Each run of the tests makes its database from the migrations.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_WITH_ACCESS = (
    *("organisations", "people", "contracts", "relations", "contributions", "letters"),
    *("notices", "trust", "coverage"),
)
_AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "core": (
        ("core/valuation", "core/obligations", "core/overlap", "core/receipts.py"),
        ("tests/core",),
    ),
    "judging": (
        ("core/enforcement", "core/trust.py", "core/coverage.py", "core/small_counts.py"),
        (
            *("tests/core/enforcement", "tests/core/trust", "tests/core/test_coverage.py"),
            "tests/core/test_small_counts.py",
        ),
    ),
    "openness": (("apps/openness",), ("tests/apps/openness", "tests/web/openness")),
    "cells": (
        ("core/tables/cells.py", "apps/contracts/cpv.py"),
        ("tests/core", "tests/apps/contracts/test_cpv.py"),
    ),
    "ledger": (("core/ledger", "apps/ledger"), ("tests/core/ledger", "tests/apps/ledger")),
    "decisions": (
        ("apps/decisions", "apps/contributions/transitions.py", "apps/contributions/valuing.py"),
        (
            *("tests/apps/decisions", "tests/apps/contributions", "tests/apps/test_money.py"),
            *("tests/apps/contracts/test_sides.py", "tests/apps/contracts/test_takeover_limits.py"),
            "tests/apps/people/test_erasing.py",
        ),
    ),
    "lines": (
        ("apps/contributions/suppliers.py", "apps/contributions/copying.py"),
        ("tests/apps/contributions", "tests/web/contributions"),
    ),
    "receipts": (
        ("apps/receipts", "apps/people", "apps/contributions/erasing.py"),
        ("tests/apps/receipts", "tests/apps/people"),
    ),
    "access": (
        (
            *(f"apps/{app}/access.py" for app in _WITH_ACCESS),
            "apps/contracts/booking.py",
        ),
        (
            *(f"tests/apps/{app}" for app in _WITH_ACCESS),
            *("tests/apps/test_money.py", "tests/apps/test_money_rules.py"),
        ),
    ),
}
#: What the database holds by itself, and the tests that try to get past it.
_AREAS |= {
    f"{app}-sql": (
        (f"apps/{app}/migrations",),
        (*tests, "tests/apps/test_row_security.py", "tests/apps/test_second_lock.py"),
    )
    for app, tests in {
        "agreements": ("tests/apps/agreements", "tests/apps/contracts"),
        "decisions": ("tests/apps/decisions", "tests/apps/test_refused_by_the_database.py"),
        "enforcement": ("tests/apps/enforcement", "tests/web/enforcement"),
        "ledger": ("tests/apps/ledger", "tests/apps/test_refused_by_the_database.py"),
        "letters": ("tests/apps/letters", "tests/apps/enforcement/test_letters.py"),
        "organisations": ("tests/apps/organisations",),
        "receipts": ("tests/apps/receipts", "tests/apps/ledger", "tests/apps/reports"),
    }.items()
}
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_REACHED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
#: What is changed in SQL, the longer words first.
_SAID = {
    "IS NOT DISTINCT FROM": "IS DISTINCT FROM",
    "IS DISTINCT FROM": "IS NOT DISTINCT FROM",
    "IS NOT NULL": "IS NULL",
    "IS NULL": "IS NOT NULL",
    "NOT EXISTS": "EXISTS",
    "EXISTS": "NOT EXISTS",
    "NOT IN": "IN",
    " AND ": " OR ",
    " OR ": " AND ",
    " IF NOT ": " IF ",
    " <= ": " < ",
    " >= ": " > ",
    " <> ": " = ",
    " < ": " <= ",
    " > ": " >= ",
    " = ": " <> ",
    " + ": " - ",
    " - ": " + ",
    "greatest(": "least(",
    "least(": "greatest(",
    " DESC": " ASC",
}
_SQL = re.compile("|".join(map(re.escape, _SAID)))
#: What only makes and removes things, what PL/pgSQL sets, and the code of what it raises.
_NO_RULE = re.compile(
    r"^\s*(--|DROP |CREATE (TABLE|INDEX|VIEW|ROLE)|SET |REVOKE |GRANT )|:=.*$|ERRCODE = "
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one file: the place of a node among those that can change."""

    path: Path
    place: int
    line: int
    what: str


def changes_in(path: Path) -> list[Change]:
    """List every change that can be made in a file."""
    if _is_sql(path):
        said = enumerate(_said(path.read_text("utf-8")))
        return [
            Change(path, place, line, f"{word.group().strip()} to {_SAID[word.group()].strip()}")
            for place, (line, word) in said
        ]
    tree = ast.parse(path.read_text("utf-8"))
    changes = enumerate(_changeable(tree))
    return [Change(path, place, node.lineno, what) for place, (node, what) in changes]


def changed(change: Change) -> str:
    """Write the source of a file with one change."""
    if _is_sql(change.path):
        return _said_otherwise(change.path.read_text("utf-8"), change.place)
    tree = ast.parse(change.path.read_text("utf-8"))
    for place, (node, _what) in enumerate(list(_changeable(tree))):
        if place == change.place:
            _alter(node)
    return ast.unparse(ast.fix_missing_locations(tree))


def _is_sql(path: Path) -> bool:
    return "migrations" in path.parts


def _said(source: str) -> list[tuple[int, re.Match[str]]]:
    """The words of the SQL in a migration that can change, with the line of each."""
    tree = ast.parse(source)
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        if node not in docstrings
    ]
    return [
        (number, word)
        for number, line in enumerate(source.splitlines(), start=1)
        if not _NO_RULE.search(line)
        for word in _SQL.finditer(line.split("--")[0])
        if any(first < (number, word.start()) < last for first, last in texts)
    ]


def _said_otherwise(source: str, place: int) -> str:
    number, word = _said(source)[place]
    lines = source.splitlines(keepends=True)
    line = lines[number - 1]
    lines[number - 1] = line[: word.start()] + _SAID[word.group()] + line[word.end() :]
    return "".join(lines)


def _changeable(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """The nodes that can change, always in the same order, and into what.

    What decorates a class (`frozen`, `slots`) is no rule of ours.
    """
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    decorating = {
        id(inner) for node in classes for one in node.decorator_list for inner in ast.walk(one)
    }
    for node in (node for node in ast.walk(tree) if id(node) not in decorating):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
            other = _COMPARED[type(node.ops[0])].__name__
            yield node, f"{type(node.ops[0]).__name__} to {other}"
        elif isinstance(node, ast.BinOp) and type(node.op) in _REACHED:
            yield node, f"{type(node.op).__name__} to {_REACHED[type(node.op)].__name__}"
        elif isinstance(node, ast.BoolOp):
            yield node, "and to or" if isinstance(node.op, ast.And) else "or to and"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not left out"
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            yield node, f"{node.id} to {_NAMES[node.id]}"
        elif isinstance(node, ast.Constant) and type(node.value) in (bool, int):
            yield node, f"{node.value!r} to another"


def _alter(node: ast.expr) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARED[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp):
        node.op = _REACHED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Name):
        node.id = _NAMES[node.id]
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value += 1


def survives(copy: Path, change: Change, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass with a change; the copy is as it was afterwards.

    The tests that name the module go first: mostly they notice, and the others need not run.
    """
    target = copy / change.path.relative_to(ROOT)
    before = target.read_text("utf-8")
    target.write_text(changed(change), "utf-8")
    try:
        nearest = _naming(change.path, tests)
        return (not nearest or _pass(copy, nearest, "-n0")) and _pass(copy, tests)
    finally:
        target.write_text(before, "utf-8")


def _naming(module: Path, tests: tuple[str, ...]) -> list[str]:
    name = ".".join(module.relative_to(ROOT / "src").with_suffix("").parts)
    within = [ROOT / test for test in tests]
    files = [file for test in within for file in ([test] if test.suffix else test.rglob("*.py"))]
    return [
        str(file.relative_to(ROOT))
        for file in sorted(files)
        if file.name.startswith("test_") and f"{name} import" in file.read_text("utf-8")
    ]


def _pass(copy: Path, tests: Iterable[str], *options: str) -> bool:
    done = subprocess.run(  # noqa: S603  # our own tests
        [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *options, *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _drawn(areas: list[str], most: int, seed: int) -> Iterator[tuple[Change, tuple[str, ...]]]:
    dice = random.Random(seed)  # noqa: S311  # a choice of what to try
    for area in areas:
        modules, tests = _AREAS[area]
        changes = [change for module in modules for change in _of(ROOT / "src/telmee" / module)]
        for change in dice.sample(changes, min(most, len(changes))):
            yield change, tests


def _of(module: Path) -> Iterator[Change]:
    paths = [module] if module.suffix else sorted(module.rglob("*.py"))
    for path in paths:
        # What a table holds stands in its migration, which is an area by itself; the model repeats.
        if _is_sql(path) == _is_sql(module) and path.name != "models.py":
            yield from changes_in(path)


def _known() -> dict[str, str]:
    table = tomllib.loads((ROOT / "tools/mutations.toml").read_text("utf-8"))
    return {entry["line"]: entry["why"] for entry in table.get("survivor", [])}


def main() -> int:
    """Try changes, and print what no test noticed; exit 1 when a survivor has no reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(_AREAS))
    parser.add_argument("--most", type=int, default=20, help="changes to try for each area")
    parser.add_argument("--seed", type=int, default=1, help="another seed tries other changes")
    options = parser.parse_args()
    known, living = _known(), 0
    sound: set[tuple[str, ...]] = set()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "telmee"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "data", "node_*")
        )
        for change, tests in _drawn(options.areas or list(_AREAS), options.most, options.seed):
            if tests not in sound and not _pass(copy, tests):
                sys.exit(f"These tests fail without any change: {' '.join(tests)}")
            sound.add(tests)
            label = f"{change.path.relative_to(ROOT)}:{change.line} {change.what}"
            if not survives(copy, change, tests):
                print(f"noticed   {label}", flush=True)
                continue
            text = change.path.read_text("utf-8").splitlines()[change.line - 1].strip()
            living += text not in known
            print(f"SURVIVED  {label}: {known.get(text, 'no reason is known')}\n          {text}")
    return 1 if living else 0


if __name__ == "__main__":
    sys.exit(main())
