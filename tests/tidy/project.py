"""Which files the project has, without asking git: a released copy has no history."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Made by tools or by an installation; .gitignore says the same. Checked by test_project.py.
_NOT_OURS_AT_THE_TOP = {"data", "static"}
_NOT_OURS_ANYWHERE = {"__pycache__", "node_modules", "htmlcov"}
_OURS_WITH_A_DOT = {".ci", ".editorconfig", ".gitignore"}


def files(*suffixes: str, under: str = "") -> list[Path]:
    """Every file of the project, or those with one of the suffixes."""
    top = ROOT / under
    found = _walk(top) if top.is_dir() else iter(())
    return sorted(path for path in found if not suffixes or path.suffix in suffixes)


def name(path: Path) -> str:
    """How a complaint names a file."""
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if not _is_ours(path):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def _is_ours(path: Path) -> bool:
    if path.name.startswith("."):
        return path.name in _OURS_WITH_A_DOT
    if path.parent == ROOT and path.name in _NOT_OURS_AT_THE_TOP:
        return False
    return path.name not in _NOT_OURS_ANYWHERE
