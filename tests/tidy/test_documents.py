"""Documents agree with the code and with each other."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from telmee.cli.main import COMMANDS
from tests.tidy import project
from tools import write_columns_page

DECISIONS = project.ROOT / "docs/decisions"
ERRORS = project.ROOT / "docs/errors.md"
FRAGMENTS = project.ROOT / "changes"

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)\s>]+)")
_DESCRIBED = re.compile(r"^(?:#{2,6} |\| ?|[-*] )`([a-z][a-z0-9_]*)`", re.MULTILINE)
_STATUSES = ("proposed", "accepted", "superseded by ")


def links(markdown: str) -> list[str]:
    """The targets of a document that are files: no web addresses, no anchors, no code."""
    prose = _CODE.sub("", _FENCED.sub("", markdown))
    targets = (target.split("#")[0] for target in _LINK.findall(prose))
    return [target for target in targets if target and not re.match(r"[a-z][a-z+.-]*:", target)]


def described_codes(errors_md: str) -> set[str]:
    """The codes at the start of a heading, a table row or a list item."""
    return set(_DESCRIBED.findall(errors_md))


def raised_codes(source: str) -> set[str]:
    """The codes that are written where a problem is made."""
    return set(re.findall(r'\bProblem\(\s*(?:code=)?"([a-z0-9_]+)"', source))


def word_faults(words: dict[str, str]) -> list[str]:
    """Both languages, with the same facts in them, and a remedy in both or in neither."""
    found = [f"no {language}" for language in ("nl", "en") if not words.get(language)]
    pairs = [("nl", "en"), ("remedy_nl", "remedy_en")]
    for left, right in pairs:
        facts = [set(re.findall(r"{(\w+)", words.get(key, ""))) for key in (left, right)]
        if facts[0] != facts[1] or (left in words) != (right in words):
            found.append(f"{left} and {right} differ")
    return found


def decision_faults(text: str) -> list[str]:
    """What a decision lacks of: number and title, status, implementation, reasons."""
    found = []
    if not re.match(r"# \d{4} \S", text):
        found.append("no number and title")
    status = re.search(r"^- status: (.+)$", text, re.MULTILINE)
    if not status or not status[1].startswith(_STATUSES):
        found.append("no status")
    if not re.search(r"^- implementation: \S", text, re.MULTILINE):
        found.append("no implementation")
    return found + [f"no {part}" for part in ("Why", "Decision") if f"\n## {part}\n" not in text]


def fragment_faults(name: str, text: str) -> list[str]:
    found = []
    if not re.fullmatch(r"(\+|\d+-)[a-z0-9-]+\.md", name):
        found.append(f"{name}: named <issue>-<words>.md or +<words>.md")
    if not text.strip().endswith("."):
        found.append(f"{name}: has no sentence")
    return found


def _catalogue() -> dict[str, dict[str, str]]:
    """Every problem's words, over the files of the catalogue."""
    found: dict[str, dict[str, str]] = {}
    for path in project.files(".toml", under="src/telmee/texts/problems"):
        words = tomllib.loads(project.read(path))
        assert words.keys() & found.keys() == set(), f"{path.name} words a code again"
        found |= words
    assert found, "the catalogue of problems is empty"
    return found


@pytest.mark.parametrize("path", project.files(".md"), ids=project.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = [target for target in links(project.read(path)) if not (path.parent / target).exists()]
    assert broken == []


def test_the_page_of_columns_is_what_the_program_takes() -> None:
    assert project.read(write_columns_page.PAGE) == write_columns_page.page()
    assert project.read(write_columns_page.SCHEMA) == write_columns_page.schema()


def _valid(**cells: object) -> bool:
    """Whether a line with these cells fits the schema; nothing is a cell that is left out."""
    line = {"kenmerk": "K-1", "bouwblok": "inhuur", "begin": "2025-01-31"} | cells
    schema = json.loads(project.read(write_columns_page.SCHEMA))
    jsonschema.Draft202012Validator.check_schema(schema)
    left = {name: cell for name, cell in line.items() if cell is not None}
    return jsonschema.Draft202012Validator(schema).is_valid(left)


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ({"kenmerk": "K" * 60}, {"kenmerk": "K" * 61}),
        ({"begin": None}, {"kenmerk": None}),
        ({"begin": "2199-12-31"}, {"begin": "2200-01-01"}),
        ({"eind": "1900-01-01"}, {"eind": "31-12-2024"}),
        ({"uren_per_week": 168}, {"uren_per_week": 168.01}),
        ({"uren": 7.1}, {"uren": 0}),
        ({"bedrag": 0}, {"bedrag": -0.01}),
        ({"bedrag": 1_000_000_000}, {"bedrag": "1.250,50"}),
        ({"aantal": 1}, {"aantal": 1.5}),
        ({"leverancier": "01234567"}, {"leverancier": "1234567"}),
        ({"een_kolom_van_uzelf": 1}, {"bouwblok": 1}),
    ],
    ids=",".join,
)
def test_the_schema_takes_what_the_page_says(
    fits: dict[str, object], does_not: dict[str, object]
) -> None:
    assert _valid(**fits)
    assert not _valid(**does_not)


def places(text: str) -> list[str]:
    """The places that a document names as code: folders and files, in the house or at the top."""
    quoted = re.findall(r"`([a-z_./0-9A-Z<>]+)`", text)
    return [
        place
        for place in quoted
        if "<" not in place
        and not place.startswith((".", "/"))
        and (place.endswith("/") or re.search(r"/.*\.(py|toml|md|json|in|txt)$", place))
    ]


def missing_places(text: str) -> list[str]:
    """The places among them that are nowhere; those of any app are looked for in every app."""
    tops = [project.ROOT, project.ROOT / "src/telmee"]
    tops += (project.ROOT / "src/telmee/apps").iterdir()
    return [place for place in places(text) if not any((top / place).exists() for top in tops)]


def test_contributing_and_the_guides_name_places_that_are_there() -> None:
    guides = sorted((project.ROOT / "docs/guides").glob("*.md"))
    texts = [project.read(path) for path in (project.ROOT / "CONTRIBUTING.md", *guides)]
    assert len(places(texts[0])) > 20
    assert [place for text in texts for place in missing_places(text)] == []


def test_the_readme_names_every_command() -> None:
    text = project.read(project.ROOT / "README.md")
    assert [name for name in COMMANDS if not re.search(rf"`\./telmee {name}\b", text)] == []


def test_every_error_code_is_described_and_no_other() -> None:
    codes = _catalogue().keys()
    described = described_codes(project.read(ERRORS))
    assert codes - described == set(), "not in docs/errors.md"
    assert described - codes == set(), "in docs/errors.md, but no such code"


def test_every_error_code_has_its_words_and_a_use() -> None:
    sources = "\n".join(project.read(path) for path in project.files(".py", under="src"))
    by_the_database = set(re.findall(r"'telmee: ([a-z]+_[a-z_]+)'", sources))
    assert by_the_database
    assert (raised_codes(sources) | by_the_database) - _catalogue().keys() == set(), "without words"
    used = by_the_database | {code for code in _catalogue() if f'"{code}"' in sources}
    assert _catalogue().keys() - used == set(), "without a use"
    faults = {code: word_faults(words) for code, words in _catalogue().items()}
    assert {code: found for code, found in faults.items() if found} == {}


def test_every_decision_is_complete_and_in_the_index() -> None:
    index = links(project.read(DECISIONS / "README.md"))
    decisions = sorted(DECISIONS.glob("[0-9]*.md"))
    assert decisions
    assert {path.name for path in decisions} - set(index) == set()
    faults = {path.name: decision_faults(project.read(path)) for path in decisions}
    assert {name: found for name, found in faults.items() if found} == {}
    for path in decisions:
        assert project.read(path).startswith(f"# {path.name[:4]} "), path.name


def test_every_fragment_says_something() -> None:
    fragments = [path for path in sorted(FRAGMENTS.glob("*")) if path.name != "README.md"]
    assert [fault for p in fragments for fault in fragment_faults(p.name, project.read(p))] == []


def test_the_checkers_see_it() -> None:
    gone = "`texts/gone.toml` `core/gone/` `texts/steps.toml` `web/<room>/` `./telmee` `apps/`"
    assert missing_places(gone) == ["texts/gone.toml", "core/gone/"]
    text = "[a](b.md#c) ![d](e.png) [f](https://g.nl) [h](#i) `[j](k)` <x>\n```\n[l](m)\n```\n"
    assert links(text) == ["b.md", "e.png"]
    assert described_codes("## `one`\n| `two` | `no` |\n- `three`: x\nsee `no`\n## Words\n") == {
        "one",
        "two",
        "three",
    }
    assert raised_codes('Problem("one", x)\nDomainError(Problem(\n    code="two"))') == {
        "one",
        "two",
    }
    assert word_faults({"nl": "{a} is x", "en": "x is {a}"}) == []
    assert word_faults({"nl": "{a}"}) == ["no en", "nl and en differ"]
    assert word_faults({"nl": "a", "en": "a", "remedy_nl": "b"}) == [
        "remedy_nl and remedy_en differ"
    ]
    good = "# 0001 A title\n\n- status: accepted\n- implementation: done\n\n## Why\n\n## Decision\n"
    assert decision_faults(good) == []
    assert decision_faults(good.replace("accepted", "maybe")) == ["no status"]
    assert decision_faults("") == [
        *("no number and title", "no status", "no implementation", "no Why", "no Decision")
    ]
    assert fragment_faults("+the-sum.md", "It counts.\n") == []
    assert fragment_faults("12-the-sum.md", "It counts.\n") == []
    assert len(fragment_faults("The Sum.md", "\n")) == 2
