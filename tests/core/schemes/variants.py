"""The scheme fixtures: one small file per rule variant, with its worked case beside it."""

from pathlib import Path

from telmee.core.schemes.model import Scheme
from telmee.integrations.scheme_files import load_scheme_file

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "schemes"


def names() -> list[str]:
    """The name of every variant, without the word before it."""
    return sorted(path.name.removeprefix("variant-") for path in FOLDER.iterdir())


def file_of(name: str) -> Path:
    """The one scheme file of a variant."""
    found = [path for path in (FOLDER / f"variant-{name}").glob("*.toml") if path.stem != "case"]
    assert len(found) == 1, name
    return found[0]


def load(name: str) -> Scheme:
    """Load the scheme of a variant."""
    return load_scheme_file(file_of(name))
