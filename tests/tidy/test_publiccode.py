"""publiccode.yml follows the standard (0.7), so that catalogues of public code can read it."""

from typing import Any

import yaml

from tests.tidy import project

_REQUIRED = (
    *("publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType"),
    *("description", "legal", "maintenance", "localisation"),
)
_DESCRIPTION_LENGTHS = {"shortDescription": (1, 150), "longDescription": (150, 10_000)}


def faults(publiccode: dict[str, Any]) -> list[str]:
    found = [f"no {key}" for key in _REQUIRED if not publiccode.get(key)]
    if found:
        return found
    for language, texts in publiccode["description"].items():
        for key, (shortest, longest) in _DESCRIPTION_LENGTHS.items():
            if not shortest <= len(texts.get(key, "").strip()) <= longest:
                found.append(f"{language}.{key} is not of {shortest} to {longest} characters")
        if not texts.get("features"):
            found.append(f"{language} lists no features")
    if publiccode["legal"].get("license") != "EUPL-1.2":
        found.append("another licence than LICENSE")
    maintenance = publiccode["maintenance"]
    if maintenance.get("type") in {"internal", "community"} and not maintenance.get("contacts"):
        found.append("maintained by nobody")
    if set(publiccode["localisation"]["availableLanguages"]) != publiccode["description"].keys():
        found.append("described in other languages than it speaks")
    return found


def _publiccode() -> dict[str, Any]:
    parsed = yaml.safe_load(project.read(project.ROOT / "publiccode.yml"))
    assert isinstance(parsed, dict)
    return parsed


def test_it_has_what_the_standard_requires() -> None:
    assert faults(_publiccode()) == []


def test_it_speaks_dutch_and_english() -> None:
    assert _publiccode()["description"].keys() == {"nl", "en"}


def test_the_checker_sees_it() -> None:
    assert faults({}) == [f"no {key}" for key in _REQUIRED]
    good = _publiccode()
    assert faults({**good, "legal": {"license": "MIT"}}) == ["another licence than LICENSE"]
    assert faults({**good, "maintenance": {"type": "community"}}) == ["maintained by nobody"]
    short = {"shortDescription": "x" * 151, "longDescription": "x", "features": []}
    assert len(faults({**good, "description": {**good["description"], "nl": short}})) == 3
