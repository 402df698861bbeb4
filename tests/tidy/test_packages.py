"""Every room has a purpose, a name that says so, and words at the door."""

import ast
from pathlib import Path

import pytest

from tests.set_up import SET_UP_BY
from tests.tidy import project

# A room for anything is found by nobody: the word for what it does is its name.
NAMES_FOR_ANYTHING = {"utils", "util", "common", "helpers", "misc"}

#: What every room of pages has under the same name; any other name is of one module.
IN_EVERY_ROOM = {"__init__", "forms", "tasks", "urls", "views"}
#: What every app has under the same name, each for its own tables and events.
IN_EVERY_APP = {
    *("__init__", "access", "actions", "choices", "models", "queries"),
    *("reference_data", "tasks", "telling"),
}


def names_for_anything(paths: list[str]) -> list[str]:
    return [path for path in paths if NAMES_FOR_ANYTHING & set(Path(path).with_suffix("").parts)]


def without_docstring(name: str, source: str) -> list[str]:
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else [name]
    return found + [
        f"{name}::{node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not (node.name.startswith("_") or ast.get_docstring(node))
    ]


def names_of_several(paths: list[str], everywhere: set[str]) -> dict[str, list[str]]:
    """The names that more than one of these modules has, which say not which one it is."""
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(Path(path).stem, []).append(path)
    return {
        name: some for name, some in by_name.items() if len(some) > 1 and name not in everywhere
    }


def is_empty_package(folder: Path) -> bool:
    """A package with nothing but a docstring at the door."""
    if any(path.name not in {"__init__.py", "__pycache__"} for path in folder.iterdir()):
        return False
    body = ast.parse(project.read(folder / "__init__.py")).body
    return all(isinstance(node, ast.Expr) for node in body)


def folders_with_modules(top: Path, modules: list[Path]) -> set[Path]:
    """The folders of the modules and all between them and the top."""
    return {
        folder
        for module in modules
        for folder in module.parents
        if folder == top or top in folder.parents
    }


def _packages() -> set[Path]:
    found = {path.parent for path in project.files(".py", under="src/telmee")}
    return {folder for folder in found if folder.name != "migrations"}


def test_no_room_is_for_anything() -> None:
    assert names_for_anything([project.name(path) for path in project.files(".py")]) == []


@pytest.mark.parametrize(
    ("floor", "everywhere"),
    [("web", IN_EVERY_ROOM), ("apps", IN_EVERY_APP), ("core", {"__init__"})],
)
def test_no_two_modules_of_a_floor_have_one_name(floor: str, everywhere: set[str]) -> None:
    modules = project.files(".py", under=f"src/telmee/{floor}")
    paths = [project.name(path) for path in modules if path.parent.name != "migrations"]
    assert names_of_several(paths, everywhere) == {}


def test_the_checker_sees_a_name_of_two_modules() -> None:
    assert names_of_several(["web/a/words.py", "web/b/words.py", "web/a/views.py"], {"views"}) == {
        "words": ["web/a/words.py", "web/b/words.py"]
    }
    several = ["web/a/views.py", "web/b/views.py", "web/a/words.py"]
    assert names_of_several(several, {"views"}) == {}


def test_everything_public_says_what_it_is() -> None:
    found = [
        complaint
        for path in project.files(".py", under="src")
        if path.parent.name != "migrations"  # its operations say what it does
        for complaint in without_docstring(project.name(path), project.read(path))
    ]
    assert found == []


def test_every_folder_of_modules_is_a_package() -> None:
    """Without __init__.py, also halfway, the import contracts would not see what is inside."""
    top = project.ROOT / "src/telmee"
    folders = folders_with_modules(top, project.files(".py", under="src/telmee"))
    assert [project.name(f) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


def test_no_package_is_empty() -> None:
    assert [project.name(folder) for folder in _packages() if is_empty_package(folder)] == []


def test_the_checkers_see_it(tmp_path: Path) -> None:
    assert names_for_anything(["a/utils.py", "a/common/b.py", "a/commons.py"]) == [
        "a/utils.py",
        "a/common/b.py",
    ]
    assert without_docstring("a.py", "def f(): pass\nclass _C: pass") == ["a.py", "a.py::f"]
    assert without_docstring("a.py", '"""A."""\ndef f():\n    """Do."""') == []
    assert folders_with_modules(Path("a"), [Path("a/b/c/d.py")]) == {
        *(Path("a"), Path("a/b"), Path("a/b/c"))
    }
    door = tmp_path / "__init__.py"
    door.write_text('"""A room."""\n')
    assert is_empty_package(tmp_path)
    door.write_text('"""A room."""\nfrom a import b\n')
    assert not is_empty_package(tmp_path)
    door.write_text('"""A room."""\n')
    (tmp_path / "module.py").touch()
    assert not is_empty_package(tmp_path)


def test_what_the_set_up_of_the_tests_leaves_out_makes_no_tables() -> None:
    """A database that was set up is kept for the next run, by what it was made of."""
    rooms = {path.name for path in (project.ROOT / "src" / "telmee").iterdir() if path.is_dir()}
    left_out = rooms - set(SET_UP_BY) - {"__pycache__"}
    assert left_out == {"web", "cli", "demo"}
    migrations = [*(project.ROOT / "src" / "telmee").rglob("migrations")]
    assert {path.relative_to(project.ROOT).parts[2] for path in migrations} == {"apps"}
