"""A published report is held against its signature, without a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from telmee.cli.main import main
from telmee.integrations.signatures import digest, envelope, public_key_of, sealed, signed

KEY = "c" * 50


def files(folder: Path) -> list[Path]:
    pdf, document = folder / "report.pdf", folder / "report.json"
    facts = {"number": 1, "report": digest(b"{}")}
    pdf.write_bytes(sealed(b"%PDF-1.7\nwords\n%%EOF\n", facts, KEY))
    public, signature = signed(b"{}", KEY)
    document.write_bytes(envelope("{}", signature, public))
    return [pdf, document]


def test_a_whole_report_holds_by_the_key_that_somebody_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELMEE_SECRET_KEY", raising=False)
    for file in files(tmp_path):
        verify = ["report", "verify", str(file), "--data", str(tmp_path / "none"), "--lang", "en"]
        assert main([*verify, "--key", public_key_of(KEY)]) == 0
        said = capsys.readouterr().out
        assert "whole" in said
        assert digest(b"{}") in said  # each file of a report names the same one
        assert main(verify) == 1
        assert "seal_key_unknown" in capsys.readouterr().err
        file.write_bytes(file.read_bytes().replace(b"words", b"wordz").replace(b"{}", b"[]"))
        assert main([*verify, "--key", public_key_of(KEY)]) == 1


def test_an_installation_knows_its_own_key_and_those_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", "d" * 50)
    monkeypatch.setenv("TELMEE_SECRET_KEY_FALLBACKS", KEY)
    assert main(["report", "key"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in written] == [public_key_of("d" * 50), public_key_of(KEY)]
    assert [main(["report", "verify", str(file)]) for file in files(tmp_path)] == [0, 0]
    monkeypatch.delenv("TELMEE_SECRET_KEY")
    monkeypatch.delenv("TELMEE_SECRET_KEY_FALLBACKS")
    assert main(["report", "key", "--data", str(tmp_path / "none")]) == 2
