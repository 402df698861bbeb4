"""What an example in a docstring says comes out, also where pytest does not collect it.

It collects the examples of `core`, which needs nothing; those of the other floors want Django set
up first, as it is in here.
"""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.tidy import project

_EXAMPLES = [
    path
    for path in project.files(".py", under="src/telmee")
    if re.search(r"^ *>>> ", project.read(path), re.MULTILINE) and "core" not in path.parts
]


@pytest.mark.parametrize("path", _EXAMPLES, ids=project.name)
def test_what_an_example_says_comes_out(path: Path) -> None:
    module = path.relative_to(project.ROOT / "src").with_suffix("")
    parts = [part for part in module.parts if part != "__init__"]
    outcome = doctest.testmod(
        import_module(".".join(parts)), optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert outcome.attempted, "no example is run"
    assert not outcome.failed
