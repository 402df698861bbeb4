"""What a clumsy or hostile user found once, and may not find again."""

import os
import subprocess
from pathlib import Path

import pytest

from telmee.cli.main import main
from tests.core.numbers import a_bsn

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "schemes" / "harlingen" / "example.csv"
LAUNCHER = ROOT / "telmee"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    found = capsys.readouterr()
    assert found.out == ""
    return found.err


def test_the_contributions_are_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.csv"
    file.write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "link.csv").symlink_to(file)
    for out in ("s.csv", "./s.csv", "link.csv"):
        arguments = ["value", str(file), "--scheme", "harlingen", "--out", str(tmp_path / out)]
        assert "[out_is_input]" in told(capsys, *arguments)
    assert file.read_bytes() == EXAMPLE.read_bytes()


def test_a_device_is_not_replaced_by_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["value", str(EXAMPLE), "--scheme", "harlingen", "--out", os.devnull]
    assert "[out_is_no_file]" in told(capsys, *arguments)
    assert not Path(os.devnull).is_file()


def test_a_filled_in_sheet_is_not_replaced_by_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.xlsx"
    out.write_bytes(b"work of an afternoon")
    assert "[out_exists]" in told(capsys, "template", "--scheme", "harlingen", "--out", str(out))
    assert out.read_bytes() == b"work of an afternoon"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_full_disk_is_told_and_is_no_refused_line(form: str) -> None:
    arguments = [str(LAUNCHER), "value", str(EXAMPLE), "--scheme", "harlingen", "--format", form]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"[output_not_written]" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_output_is_told() -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{LAUNCHER}' schemes list >&-"], stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == 2
    assert b"[no_output]" in done.stderr


def test_a_bsn_typed_as_an_option_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    number = a_bsn()
    for option in (["--explain", number], ["--obligation", f"{number}=abc"]):
        arguments = ["value", str(EXAMPLE), "--scheme", "harlingen", *option]
        assert number not in told(capsys, *arguments)
    main(["value", str(EXAMPLE), "--scheme", "harlingen", "--obligation", f"{number}=5"])
    assert number not in capsys.readouterr().err


def test_a_scheme_is_checked_from_inside_its_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLE.parent)
    assert main(["schemes", "check", "undated.toml"]) == 0
    assert "harlingen" in capsys.readouterr().out


def test_a_screen_of_reasons_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "many.csv"
    lines = "\n".join(f"R-{number};pw_lt2" for number in range(1_000))
    file.write_text(f"kenmerk;bouwblok\n{lines}\n", encoding="utf-8")
    assert main(["value", str(file), "--scheme", "harlingen"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("[missing_begin]") == 200
    assert "800" in shown
