"""No file names a package registry's address or a folder of somebody's machine.

Where packages come from is each installation's own setting, and a path of one machine is wrong on
every other. The patterns are put together from pieces, so that this file does not match itself.
"""

import re

import pytest

from tests.tidy import project

_REGISTRIES = (
    "pypi" + r"\.org",
    "python" + "hosted",
    "npm" + r"js\.(org|com)",
    "deb" + r"ian\.org",
)
_OPTIONS = ("-" * 2 + "(extra-)?index-url", "-" * 2 + "find-links", "-" * 2 + "trusted-host")
_FOLDERS = "(work|root|home|Users|private/tmp)"

FORBIDDEN = re.compile(
    "|".join((*_REGISTRIES, *_OPTIONS, rf"(?<![\w.)}}~-])/{_FOLDERS}/\w", r"\b[A-Z]:\\Users"))
)


def addresses(name: str, text: str) -> list[str]:
    return [
        f"{name}:{number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in FORBIDDEN.finditer(line)
    ]


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path in project.files():
        try:
            found += addresses(project.name(path), project.read(path))
        except UnicodeDecodeError:
            continue  # a picture or a spreadsheet
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "pypi" + ".org/simple",
        "https://files." + "python" + "hosted.org/packages",
        "-" * 2 + "index-url x",
        "-" * 2 + "extra-index-url=x",
        "open('" + "/" + "work/main')",
        "/" + "home/somebody/telmee",
        "# " + "/" + "Users/somebody",
    ],
)
def test_the_checker_sees_an_address(line: str) -> None:
    assert addresses("a.txt", line)


@pytest.mark.parametrize("line", ["https://utrecht.nl/home/werk", "homework/ $root/src", "PyPI"])
def test_the_checker_leaves_other_words_alone(line: str) -> None:
    assert addresses("a.txt", line) == []
