"""The locks pin every library to a version and its hashes, and agree with each other."""

import re
from importlib.metadata import distribution

from tests.tidy import project

_REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)

# What may be shipped with a program under the EUPL. MPL, PSF and, for a font, OFL are asked by
# name, the LGPL is for libraries that are used as they come.
_LICENCES = re.compile(
    r"MIT|BSD|0BSD|Apache|ISC|Zlib|CC0|Unlicense|PostgreSQL|MPL-2\.0|PSF-2\.0|OFL-1\.1|LGPL"
    r"|Dual License|Redistribution and use"  # how the BSD licences begin
)
#: Of Windows or another Python only: not installed here.
_ELSEWHERE = {"colorama", "tzdata"}
_COPYLEFT = re.compile(r"\bA?GPL|\bGNU (Affero )?General")


def entries(lock: str) -> list[str]:
    """Each requirement with what belongs to it."""
    lines = (line.strip() for line in re.sub(r"\\\n", " ", lock).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def loose_entries(lock: str) -> list[str]:
    return [
        entry.split()[0]
        for entry in entries(lock)
        if not _REQUIREMENT.match(entry) or "--hash=sha256:" not in entry
    ]


def versions(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in _REQUIREMENT.finditer(lock):
        found.setdefault(match["name"], set()).add(match["version"])
    return found


def asked(requirements_in: str) -> set[str]:
    """The names in a .in file, as a lock spells them."""
    lines = (line.split("#")[0].strip() for line in requirements_in.splitlines())
    names = (re.split(r"[<>=!~;\[ ]", line)[0] for line in lines if line and line[0] != "-")
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def licence_of(package: str) -> str:
    """What a package says itself, the first that it says."""
    said = distribution(package).metadata.json
    classified = " ".join(line for line in said.get("classifier", ()) if line[:7] == "License")
    return str(said.get("license_expression") or said.get("license") or classified)


def may_ship(licence: str) -> bool:
    first_lines = licence[:200]  # some packages put the whole text there
    return bool(_LICENCES.search(first_lines)) and not _COPYLEFT.search(first_lines)


def _read(name: str) -> str:
    return project.read(project.ROOT / "requirements" / name)


def test_every_requirement_has_a_version_and_hashes() -> None:
    for name in ("run.txt", "dev.txt", "photos.txt"):
        assert entries(_read(name)), f"{name} is empty"
        assert loose_entries(_read(name)) == []


def test_the_locks_hold_what_was_asked() -> None:
    for name in ("run", "dev", "photos"):
        assert asked(_read(f"{name}.in")) - versions(_read(f"{name}.txt")).keys() == set()


def test_the_locks_agree() -> None:
    run, dev = versions(_read("run.txt")), versions(_read("dev.txt"))
    differ = {name for name in run.keys() & dev if run[name] != dev[name]}
    assert differ == set()


def test_every_asked_library_is_argued() -> None:
    """In a .in file a comment stands above each library, or above the group it is in."""
    for name in ("run.in", "dev.in", "photos.in"):
        for group in _read(name).split("\n\n"):
            assert group.lstrip().startswith("#"), f"{name}: {group!r} has no reason"


def test_what_is_shipped_may_be_shipped() -> None:
    names = versions(_read("run.txt")).keys() - _ELSEWHERE
    licences = {name: licence_of(name) for name in names}
    assert {name: licence for name, licence in licences.items() if not may_ship(licence)} == {}


def test_the_checkers_see_it() -> None:
    assert loose_entries("a==1 \\\n    --hash=sha256:0\n    # via b\n") == []
    assert loose_entries("a==1\nb>=2 --hash=sha256:0\n-r other.txt\n") == ["a==1", "b>=2", "-r"]
    assert asked("# why\nPyYAML\nnumpy<2.5  # why\n-c run.txt\n") == {"pyyaml", "numpy"}
    assert may_ship("BSD-3-Clause AND MIT")
    assert not may_ship("AGPL-3.0-or-later")
    assert not may_ship("MIT AND GPL-2.0-only")
    assert not may_ship("")
    assert versions("a==1 \\\n --hash=x\na==2 ; b\n") == {"a": {"1", "2"}}
