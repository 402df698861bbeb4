"""The pages about schemes: list, show, check and compare, in both languages."""

import shutil
from pathlib import Path

import pytest

from telmee.cli.main import main
from telmee.core.explain import Text
from telmee.integrations.scheme_files import load_scheme, scheme_ids
from tests.tidy import project

WIDTH = 100


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["schemes", *arguments]) == code
    return capsys.readouterr().out


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("scheme_id", scheme_ids())
def test_every_page_tells_what_its_scheme_says_and_fits_the_width(
    scheme_id: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = told(capsys, "show", scheme_id, "--lang", language)
    long = [line for line in page.splitlines() if len(line) > WIDTH and "http" not in line]
    assert long == []
    flat = " ".join(page.split())
    scheme = load_scheme(scheme_id)
    texts: list[Text | None] = [*scheme.gaps, *scheme.assumed.values()]
    for block in scheme.blocks:
        texts += [*block.conditions, *block.evidence, block.note, block.target_group]
    for bonus in scheme.bonuses:
        texts += [*bonus.conditions, bonus.note]
    for text in texts:
        assert text is None or " ".join(text.in_language(language).split()) in flat


def test_a_page_says_when_something_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "show", "harlingen", "--lang", "nl")
    assert "Globaal plan van aanpak (1 à 2 pagina's A4): bij de inschrijving" in page
    assert "na de gunning" in page


def test_a_scheme_without_blocks_still_shows_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "show", "sudwest-fryslan", "--lang", "en")
    assert "at most 24 months" in page
    assert "A gap shorter than 6 months" in page
    assert "a gap (limit.gap_months)" in page


def test_the_obligation_has_its_own_word(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "show", "schiedam", "--lang", "nl")
    assert "De opgave van een opdracht" in page
    assert "oplevert" not in page


@pytest.mark.parametrize(("language", "heading"), [("nl", "Regeling"), ("en", "Scheme")])
def test_the_list_names_every_scheme(
    language: str, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = told(capsys, "list", "--lang", language)
    assert listed.startswith(heading)
    assert all(f"\n{scheme_id} " in listed for scheme_id in scheme_ids())


def test_a_broken_scheme_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(project.ROOT / "schemes/harlingen", tmp_path / "harlingen")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "undated.toml").write_text('id = "broken"\n', "utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    assert main(["schemes", "list", "--lang", "en"]) == 1
    written = capsys.readouterr()
    assert "harlingen" in written.out
    assert "broken/undated.toml" in written.err
    assert "[missing_key]" in written.err


@pytest.mark.parametrize(("language", "word"), [("nl", "Bouwblokken: 14"), ("en", "Blocks: 14")])
def test_check_says_what_a_sound_file_holds(
    language: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(project.ROOT / "schemes/harlingen/undated.toml")
    assert word in told(capsys, "check", file, "--lang", language)


def test_check_refuses_a_file_that_no_command_would_find(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it stands: `value` and `list` look for a folder and a file of these names."""
    text = (project.ROOT / "schemes/harlingen/undated.toml").read_text("utf-8")
    (tmp_path / "elsewhere").mkdir()
    file = tmp_path / "elsewhere" / "draft.toml"
    file.write_text(text, "utf-8")
    assert main(["schemes", "check", str(file), "--lang", "en"]) == 2
    written = " ".join(capsys.readouterr().err.split())
    assert "[file_name_differs]" in written
    assert "Put the file in a folder called harlingen" in written
    (tmp_path / "harlingen").mkdir()
    moved = file.rename(tmp_path / "harlingen" / "undated.toml")
    assert main(["schemes", "check", str(moved), "--lang", "en"]) == 0


def test_check_tells_every_fault_of_a_broken_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "undated.toml"
    file.write_text('format = 1\nid = "x"\nunknown = 1\n', "utf-8")
    assert main(["schemes", "check", str(file), "--lang", "en"]) == 2
    written = capsys.readouterr().err
    assert "[unknown_key]" in written
    assert "[missing_key]" in written


@pytest.mark.parametrize(
    ("language", "assumed", "owed"),
    [("nl", "36 (aanname)", "van de opdrachtsom"), ("en", "36 (assumed)", "of the contract sum")],
)
def test_two_schemes_stand_side_by_side(
    language: str, assumed: str, owed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = told(capsys, "compare", "haaglanden-zhc-2023-07", "leiden-2023-09", "--lang", language)
    assert max(map(len, page.splitlines())) <= WIDTH
    assert assumed in page
    assert owed in " ".join(page.split())


def test_both_names_of_a_row_and_what_comes_on_top_are_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = told(capsys, "compare", "utrecht-36h-v2", "haaglanden-zhc-2023-07", "--lang", "nl")
    assert "\n/ " in page
    assert "Opleidingskosten" in page
    assert "100% van de gemaakte" in page
    assert "Aspirant sociale onderneming" in page


def test_a_version_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, "compare", "harlingen@undated", "leiden-2023-09@2023-09-01")
    assert "leiden-2023-09 (2023-09-01)" in page


def test_faults_of_both_names_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes", "compare", "nowhere", "leiden-2023-09@2000-01-01"]) == 2
    written = capsys.readouterr().err
    assert "[unknown_scheme]" in written
    assert "[unknown_version]" in written
