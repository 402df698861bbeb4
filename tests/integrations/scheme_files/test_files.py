"""Reading scheme files: sound ones load, and broken, huge or hostile ones say what is wrong."""

import hashlib
import json
import re
import time
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from telmee.core.errors import DomainError, Problem
from telmee.integrations.scheme_files import (
    check_scheme_file,
    files,
    load_scheme,
    load_scheme_file,
    scheme_ids,
    scheme_versions,
    schemes_folder,
    shapes,
)
from telmee.texts import problem_text

ROOT = Path(__file__).resolve().parents[3]
SMALL = """
format = 1
id = "voorbeeld"
publisher = "Gemeente Voorbeeld"
applies_to = ["Gemeente Voorbeeld"]
title = "Voorbeeld"
standing = "published"
[sources.page]
url = "https://example.org/social-return"
read = "full"
[obligation.percentages.all]
percentage = 4.5
basis = "contract_sum"
source = "page"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of schemes of one's own, with one scheme in it."""
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    _write(tmp_path, "voorbeeld/undated.toml", SMALL)
    return tmp_path


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def _codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_folder_of_ones_own_takes_the_place_of_the_published_schemes(folder: Path) -> None:
    assert schemes_folder() == folder
    assert scheme_ids() == ["voorbeeld"]
    assert load_scheme("voorbeeld").publisher == "Gemeente Voorbeeld"


def test_without_it_the_published_schemes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELMEE_SCHEMES", raising=False)
    assert schemes_folder() == ROOT / "schemes"
    monkeypatch.setenv("TELMEE_SCHEMES", "")
    assert schemes_folder() == ROOT / "schemes"


@pytest.mark.parametrize(
    "broken",
    [
        b"\xff\xfe",
        b'follows = ["voorbeeld"]\nfollows_from = 2026-13-45\n',
        b"#" * 600_000,
        None,
    ],
    ids=["no text", "no day", "too large", "no file"],
)
def test_a_broken_file_stands_in_nobody_elses_way(folder: Path, broken: bytes | None) -> None:
    if broken is None:
        (folder / "kapot/undated.toml").mkdir(parents=True)
    else:
        _write(folder, "kapot/undated.toml", broken)
    assert load_scheme("voorbeeld").successor is None
    with pytest.raises(DomainError):
        load_scheme("kapot")


def test_what_follows_is_seen_as_soon_as_it_is_written(folder: Path) -> None:
    first_day = "[version]\nvalid_from = 2025-01-01\n"
    _write(folder, "a/2025-01-01.toml", SMALL.replace("voorbeeld", "a") + first_day)
    assert load_scheme("a").successor is None
    for family, following in (("x", None), ("a", "b")):
        text = SMALL.replace('id = "voorbeeld"', f'id = "b"\nfamily = "{family}"')
        later = text + first_day.replace("2025", "2026")
        _write(folder, "b/2026-01-01.toml", later)
        successor = load_scheme("a").successor
        assert (successor.scheme_id if successor else None) == following
    (folder / "b/2026-01-01.toml").unlink()
    assert load_scheme("a").successor is None


def test_a_folder_that_does_not_exist_has_no_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELMEE_SCHEMES", "no/such/folder")
    assert scheme_ids() == []
    with pytest.raises(DomainError):
        load_scheme("harlingen")


def test_a_scheme_knows_its_file(folder: Path) -> None:
    scheme = load_scheme("voorbeeld")
    content = (folder / "voorbeeld" / "undated.toml").read_bytes()
    assert (scheme.version, scheme.sha256) == ("undated", hashlib.sha256(content).hexdigest())
    assert scheme.obligation.percentages[0].percentage_bp == 4_50


def test_the_newest_version_is_loaded_unless_one_is_named(folder: Path) -> None:
    for year in (2021, 2023):
        dated = SMALL.replace("[sources", f"[version]\nvalid_from = {year}-01-01\n[sources", 1)
        _write(folder, f"voorbeeld/{year}-01-01.toml", dated)
    assert scheme_versions("voorbeeld") == ["undated", "2021-01-01", "2023-01-01"]
    assert load_scheme("voorbeeld").version == "2023-01-01"
    assert load_scheme("voorbeeld", "2021-01-01").version == "2021-01-01"
    with pytest.raises(DomainError) as raised:
        load_scheme("voorbeeld", "2022-01-01")
    assert _codes(raised.value.problems) == ["unknown_version"]


def test_other_files_beside_a_scheme_are_no_version(folder: Path) -> None:
    for name in ("example.csv", "case.toml", "2023.toml", "2023-01-01.toml~"):
        _write(folder, f"voorbeeld/{name}", "x")
    assert scheme_versions("voorbeeld") == ["undated"]


@pytest.mark.parametrize(
    "scheme_id",
    [
        *("..", ".", "", "../schemes/voorbeeld", "voorbeeld/..", "a\\b", "Voorbeeld"),
        *("voor\0beeld", "voorbeeld\n", "x" * 5000),
    ],
)
@pytest.mark.usefixtures("folder")
def test_an_id_never_leads_out_of_the_folder(scheme_id: str) -> None:
    with pytest.raises(DomainError) as raised:
        load_scheme(scheme_id)
    assert _codes(raised.value.problems) == ["unknown_scheme"]


@pytest.mark.usefixtures("folder")
def test_a_version_never_leads_out_of_the_folder() -> None:
    with pytest.raises(DomainError) as raised:
        load_scheme("voorbeeld", "../../voorbeeld/undated")
    assert _codes(raised.value.problems) == ["unknown_version"]


@pytest.mark.usefixtures("folder")
def test_a_slip_of_the_pen_is_guessed() -> None:
    with pytest.raises(DomainError) as raised:
        load_scheme("voorbeld")
    assert raised.value.problems[0].params["close"] == "voorbeeld"


DEEP = "[" * 5000
BROKEN: list[tuple[str, str | bytes, str]] = [
    ("not TOML", "format = ", "scheme_not_toml"),
    ("a key twice", "format = 1\nformat = 1", "scheme_not_toml"),
    ("no such day", "a = 2023-02-30", "scheme_not_toml"),
    ("binary", bytes(range(256)) * 10, "scheme_not_utf8"),
    ("zeros", b"\0" * 100, "scheme_not_toml"),
    ("UTF-16", SMALL.encode("utf-16"), "scheme_not_utf8"),
    ("nested lists", "a = " + DEEP, "scheme_too_deep"),
    ("a key of many parts", "a." * 20_000 + "a = 1", "scheme_too_deep"),
    ("a number of 5,000 digits", "format = " + "9" * 5000, "scheme_not_toml"),
    ("huge", "# " + "x" * files._BYTES_MAX, "scheme_file_too_large"),
]


@pytest.mark.parametrize(
    ("content", "code"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_a_broken_file_has_one_fault(tmp_path: Path, content: str | bytes, code: str) -> None:
    file = _write(tmp_path, "undated.toml", content)
    assert _codes(check_scheme_file(file)) == [code]
    with pytest.raises(DomainError) as raised:
        load_scheme_file(file)
    assert all(problem_text(raised.value.problems[0], language) for language in ("nl", "en"))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert _codes(check_scheme_file(tmp_path / "none.toml")) == ["no_scheme_file"]
    assert _codes(check_scheme_file(tmp_path)) == ["no_scheme_file"]
    assert _codes(check_scheme_file(tmp_path / ("x" * 5000))) in (
        ["no_scheme_file"],
        ["unreadable_scheme_file"],
    )


def test_a_file_that_may_not_be_read_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path, "undated.toml", SMALL)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert _codes(check_scheme_file(file)) == ["unreadable_scheme_file"]


@pytest.mark.parametrize(
    "number", ["nan", "inf", "-inf", "1e400", "1e99999999999", "0x" + "f" * 5000]
)
def test_a_number_that_is_none_is_refused(tmp_path: Path, number: str) -> None:
    file = _write(tmp_path, "undated.toml", SMALL.replace("4.5", number))
    (problem,) = check_scheme_file(file)
    assert problem.column == "obligation.percentages.all.percentage"
    assert problem.code == "wrong_number"
    assert len(problem_text(problem, "nl")[0]) < 400


def test_a_hostile_file_is_refused_quickly(tmp_path: Path) -> None:
    many = "\n".join(f"k{number} = 1" for number in range(30_000))
    began = time.perf_counter()
    problems = check_scheme_file(_write(tmp_path, "undated.toml", many))
    assert time.perf_counter() - began < 10
    assert len(problems) > 30_000


def test_a_mark_at_the_start_and_other_line_ends_are_forgiven(tmp_path: Path) -> None:
    windows = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert check_scheme_file(_write(tmp_path, "undated.toml", windows)) == ()


SHAPES: list[tuple[str, str, str, str]] = [
    ("percentage = 4.5", "percentag = 4.5", "unknown_key", "obligation.percentages.all.percentag"),
    ('basis = "contract_sum"', "", "missing_key", "obligation.percentages.all.basis"),
    ('"contract_sum"', '"turn over"', "not_allowed_value", "obligation.percentages.all.basis"),
    ("format = 1", "format = 2", "not_allowed_value", "format"),
    ("4.5", "-4.5", "number_above_bounds", "obligation.percentages.all.percentage"),
    ("4.5", "101", "number_above_bounds", "obligation.percentages.all.percentage"),
    ("4.5", '"4.5"', "wrong_number", "obligation.percentages.all.percentage"),
    ("percentages.all", "percentages.All", "wrong_key", "obligation.percentages"),
    ('"https://example.org/social-return"', '"page 3"', "wrong_address", "sources.page.url"),
    ('title = "Voorbeeld"', 'title = { en = "Example" }', "wrong_text", "title"),
    ('title = "Voorbeeld"', "title = 3", "wrong_text", "title"),
    ('["Gemeente Voorbeeld"]', '[""]', "empty_text", "applies_to.0"),
    ('["Gemeente Voorbeeld"]', '"Voorbeeld"', "wrong_list", "applies_to"),
    ('"voorbeeld"', '"Voorbeeld stad"', "wrong_id", "id"),
    (
        "[sources.page]",
        "[version]\nvalid_from = 3\n[sources.page]",
        "wrong_day",
        "version.valid_from",
    ),
    (
        "[sources.page]",
        '[version]\nvalid_from = "2026"\n[sources.page]',
        "wrong_day",
        "version.valid_from",
    ),
    ("basis =", "categories = []\nbasis =", "empty_list", "obligation.percentages.all.categories"),
    (
        "basis =",
        'categories = ["works", "works"]\nbasis =',
        "repeated_item",
        "obligation.percentages.all.categories",
    ),
    (
        'source = "page"',
        'source = "page"\n[deadlines.one]\nwhat = "x"\nmoment = "bid"\ndays = 0\nworking = "ja"',
        "number_out_of_bounds",
        "deadlines.one.days",
    ),
    (
        'source = "page"',
        'source = "page"\n[deadlines.one]\nwhat = "x"\nmoment = "bid"\nworking = "ja"',
        "wrong_switch",
        "deadlines.one.working",
    ),
    (
        'source = "page"',
        'source = "page"\n[limit]\nmax_months = 2\nsource = "page"\n[blocks]\npw = 3',
        "wrong_table",
        "blocks.pw",
    ),
    (
        'source = "page"',
        'source = "page"\n[obligation.thresholds.all]\neu_threshold = "local"',
        "wrong_value",
        "obligation.thresholds.all.eu_threshold",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "place"), SHAPES)
def test_a_wrong_shape_is_told_in_our_own_words(
    tmp_path: Path, old: str, new: str, code: str, place: str
) -> None:
    file = _write(tmp_path, "undated.toml", SMALL.replace(old, new, 1))
    told = [(problem.code, problem.column) for problem in check_scheme_file(file)]
    assert (code, place) in told
    for problem in check_scheme_file(file):
        for language in ("nl", "en"):
            words = " ".join(problem_text(problem, language))
            assert all(problem_text(problem, language))
            assert "^" not in words
            assert "oneOf" not in words


def test_the_key_that_was_meant_is_named(tmp_path: Path) -> None:
    file = _write(tmp_path, "undated.toml", SMALL.replace("percentage =", "percentag ="))
    unknown = [p for p in check_scheme_file(file) if p.code == "unknown_key"]
    assert [p.params["known"] for p in unknown] == ["percentage"]


def test_a_missing_key_is_told_once(tmp_path: Path) -> None:
    problems = check_scheme_file(_write(tmp_path, "undated.toml", ""))
    assert _codes(problems) == ["missing_key"] * 7


def test_shape_and_contents_are_told_together(tmp_path: Path) -> None:
    wrong = SMALL.replace("percentage = 4.5", "amout = 1").replace(
        'source = "page"', 'source = "x"'
    )
    codes = _codes(check_scheme_file(_write(tmp_path, "undated.toml", wrong)))
    assert codes == ["unknown_key", "unknown_source", "percentage_without_figure"]


def test_folder_and_file_say_what_the_file_says(folder: Path) -> None:
    dated = SMALL.replace("[sources", "[version]\nvalid_from = 2023-01-01\n[sources", 1)
    wrong = _write(folder, "elders/undated.toml", dated)
    assert _codes(check_scheme_file(wrong)) == ["file_name_differs", "folder_name_differs"]
    elsewhere = _write(folder.parent / "loose", "draft.toml", dated)
    assert check_scheme_file(elsewhere) == ()
    placed = check_scheme_file(elsewhere, in_place=True)
    assert _codes(placed) == ["file_name_differs", "folder_name_differs"]


def test_every_pattern_of_the_schema_has_words_of_its_own() -> None:
    text = (ROOT / "schemes" / "schema.json").read_text("utf-8")
    patterns = set(re.findall(r'"pattern": "(.*)"', text))
    named = {pattern for rule, pattern in shapes._CODES if rule == "pattern"}
    assert len(patterns - named) == 1, "the id is the one that is left"
    assert named <= patterns


def test_a_text_that_was_read_again_stands_beside_the_first(folder: Path) -> None:
    again = SMALL.replace("4.5", "5")
    _write(folder, "voorbeeld/undated-2.toml", again)
    assert scheme_versions("voorbeeld") == ["undated", "undated-2"]
    assert load_scheme("voorbeeld").version == "undated-2"
    assert load_scheme("voorbeeld", "undated").obligation.percentages[0].percentage_bp == 4_50
    dated = SMALL.replace("[sources", "[version]\nvalid_from = 2023-01-01\n[sources", 1)
    assert check_scheme_file(_write(folder, "voorbeeld/2023-01-01-2.toml", dated)) == ()
    for name in ("undated-1", "undated-10", "2023-01-01-x", "2023-01-02-2"):
        file = _write(folder, f"voorbeeld/{name}.toml", dated if name[0] == "2" else SMALL)
        assert _codes(check_scheme_file(file)) == ["file_name_differs"], name


def test_every_code_of_reading_and_checking_has_words() -> None:
    sources = [*(ROOT / "src/telmee/core/schemes").glob("*.py"), Path(files.__file__)]
    written = "".join(source.read_text("utf-8") for source in sources)
    for code in set(re.findall(r'Problem\(\s*"(\w+)"', written)):
        assert code in files_words(), code


def files_words() -> set[str]:
    """The codes that have words."""
    text = (ROOT / "src/telmee/texts/problems/schemes.toml").read_text("utf-8")
    return set(re.findall(r"^\[(\w+)\]$", text, re.MULTILINE))


def test_the_schema_is_a_sound_json_schema() -> None:
    schema = json.loads((ROOT / "schemes/schema.json").read_text("utf-8"), parse_float=Decimal)
    jsonschema.Draft202012Validator.check_schema(schema)
