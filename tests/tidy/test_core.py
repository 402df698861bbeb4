"""Core computes exactly, with the standard library and NumPy and nothing else."""

import ast
import sys

import pytest

from tests.tidy import project

ALLOWED = sys.stdlib_module_names | {"numpy", "telmee"}

# Names that bring in a float, or round otherwise than half up, without a float in sight.
INEXACT_CALLS = {"float", "round", "complex"}
INEXACT_ATTRIBUTES = {
    *("float16", "float32", "float64", "longdouble", "floating", "double", "single"),
    *("divide", "true_divide", "reciprocal", "mean", "average", "round", "around", "rint"),
    *("linspace", "interp", "sqrt", "power", "truediv"),
}

# "path:what" -> why it cannot change a cent.
EXEMPT: dict[str, str] = {}


def foreign_imports(name: str, source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            continue
        for module in modules:
            top = module.split(".")[0]
            inside = not module.startswith("telmee") or module.startswith("telmee.core")
            if top not in ALLOWED or not inside:
                found.append(f"{name}:{module}")
    return found


def inexact(name: str, source: str) -> list[str]:
    what = (_inexact_node(node) for node in ast.walk(ast.parse(source)))
    return [f"{name}:{found}" for found in what if found]


def _inexact_node(node: ast.AST) -> str | None:
    match node:
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "/"
        case ast.Constant(value=float() | complex()):
            return repr(node.value)
        case ast.Call(func=ast.Name(id=called)) if called in INEXACT_CALLS:
            return f"{called}()"
        case ast.Attribute(attr=attribute) if attribute in INEXACT_ATTRIBUTES:
            return attribute
        case _:
            return None


def test_core_imports_the_standard_library_numpy_and_itself() -> None:
    for path in project.files(".py", under="src/telmee/core"):
        assert foreign_imports(project.name(path), project.read(path)) == []


def test_core_knows_no_float() -> None:
    found = {
        complaint
        for path in project.files(".py", under="src/telmee/core")
        for complaint in inexact(project.name(path), project.read(path))
    }
    assert found - EXEMPT.keys() == set()
    assert EXEMPT.keys() - found == set(), "these exemptions are no longer needed"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import click", ["core.py:click"]),
        ("from yaml import safe_load", ["core.py:yaml"]),
        ("import telmee.texts", ["core.py:telmee.texts"]),
        ("from . import money", ["core.py:."]),
        ("import numpy.typing\nfrom datetime import date\nfrom telmee.core import money", []),
    ],
)
def test_the_checker_sees_a_foreign_import(source: str, found: list[str]) -> None:
    assert foreign_imports("core.py", source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a / b", ["core.py:/"]),
        ("a /= b", ["core.py:/"]),
        ("a = 0.05", ["core.py:0.05"]),
        ("float(a)", ["core.py:float()"]),
        ("round(a)", ["core.py:round()"]),
        ("a.astype(np.float64)", ["core.py:float64"]),
        ("np.mean(a)", ["core.py:mean"]),
        ("(2 * a + b) // (2 * b) % 100", []),
        ("isinstance(a, float)", []),  # refusing a float is fine
    ],
)
def test_the_checker_sees_what_is_inexact(source: str, found: list[str]) -> None:
    assert inexact("core.py", source) == found
