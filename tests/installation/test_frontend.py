import shutil
import signal
import subprocess
from gettext import GNUTranslations
from pathlib import Path

import pytest

from telmee.core.errors import DomainError
from telmee.installation import frontend


def test_only_tokens_that_a_rule_reaches_are_kept() -> None:
    theme = ".a { --a: var(--b); --b: 1px; --c: 2px; --d: url('data:x;y'); }"
    css = frontend.pruned_tokens(theme, "p { margin: var(--a, var(--d)) }")
    assert css == ".voorbeeld-theme{--a:var(--b);--b:1px;--d:url('data:x;y');}"


def test_a_sheet_is_compacted_without_changing_what_it_says() -> None:
    css = (
        "/* why */\na:hover  >  b { margin: calc(1px + 2px) ; }\n"
        "@media (width <= 45rem) { p { x: y } }"
    )
    compact = frontend._compact(css)
    assert compact == "a:hover>b{margin:calc(1px + 2px);}@media (width <= 45rem){p{x:y}}"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frontend without packages, built in a folder of the test."""
    (tmp_path / "frontend").mkdir()
    shutil.copy(frontend.ROOT / "frontend" / "package-lock.json", tmp_path / "frontend")
    monkeypatch.setattr(frontend, "_PACKAGES", tmp_path / "frontend")
    monkeypatch.setattr(frontend, "_LOCALE", tmp_path / "locale")
    monkeypatch.setattr(frontend, "BUILT", tmp_path / "static" / "built")
    return tmp_path


def _fake_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("npm", "node"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def _face(subset: str) -> str:
    source = f"url(./files/own-{subset}-wght-normal.woff2) format('woff2-variations')"
    return f"/* {subset} */\n@font-face {{\n  font-weight: 100 700;\n  src: {source};\n}}\n"


def test_packages_that_cannot_be_fetched_are_a_problem_with_the_reason(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_npm(elsewhere, "echo 'no route to host' >&2; exit 1", monkeypatch)
    with pytest.raises(DomainError) as caught:
        frontend.ensure_built()
    (problem,) = caught.value.problems
    assert problem.code == "frontend_not_fetched"
    assert problem.params == {"reason": "no route to host"}
    assert not (frontend.BUILT / "telmee.css").exists()


def test_the_sheet_is_built_once_and_again_when_a_source_changes(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = elsewhere / "frontend" / "node_modules"
    for name in (*frontend._SHEETS, frontend._TOKENS):
        path = packages / name
        path.parent.mkdir(parents=True)
        path.write_text(".nl-button { color: var(--x) } .nl-button--pressed { color: red }")
        (packages / "/".join(name.split("/")[:2]) / "LICENSE.md").write_text("EUPL-1.2")
    (packages / frontend._TOKENS).write_text(".t { --x: blue; --unused: red; }")
    typeface = packages / frontend._TYPEFACE
    (typeface / "files").mkdir(parents=True)
    (typeface / "LICENSE").write_text("OFL-1.1")
    (typeface / "index.css").write_text("\n".join(map(_face, ("greek", "latin-ext", "latin"))))
    for subset in ("greek", "latin-ext", "latin"):
        (typeface / f"files/own-{subset}-wght-normal.woff2").write_text(subset)
    calls = elsewhere / "calls"
    _fake_npm(elsewhere, f"echo called >> {calls}", monkeypatch)
    own = elsewhere / "css"
    own.mkdir()
    (own / "own.css").write_text("main { color: green }")
    monkeypatch.setattr(frontend, "_OWN_CSS", own)
    po = elsewhere / "locale" / "site" / "nl" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "b"\n'
    )

    frontend.ensure_built()
    frontend.ensure_built()
    assert calls.read_text() == "called\n"
    css = (frontend.BUILT / "telmee.css").read_text()
    assert "--x:blue" in css
    assert "main{color:green}" in css
    assert "pressed" not in css
    assert "unused" not in css
    licences = (frontend.BUILT / "licences.txt").read_text()
    assert "EUPL-1.2" in licences
    assert f"{frontend._TYPEFACE}\n\nOFL-1.1" in licences
    fonts = {file.name for file in (frontend.BUILT / "fonts").iterdir()}
    assert fonts == {"own-latin-wght-normal.woff2", "own-latin-ext-wght-normal.woff2"}
    assert all(f"url(fonts/{name})" in css for name in fonts)
    assert css.count("@font-face") == css.count("font-weight:400 600") == len(fonts)

    (own / "own.css").write_text("main { color: purple }")
    frontend.ensure_built()
    assert "purple" in (frontend.BUILT / "telmee.css").read_text()
    assert calls.read_text() == "called\n" * 2


@pytest.mark.usefixtures("elsewhere")
def test_a_build_beside_other_work_ends_with_it_and_does_not_begin_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(_command: object, **_where: object) -> subprocess.Popen[bytes]:
        begun.append(_popen(["sleep", "60"]))
        return begun[-1]

    _popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", begin)
    with pytest.raises(KeyboardInterrupt), frontend.building_meanwhile():
        raise KeyboardInterrupt
    (program,) = begun
    assert program.returncode == -signal.SIGTERM

    frontend.BUILT.mkdir(parents=True)
    (frontend.BUILT / "telmee.css").write_text(f"{frontend._stamp()}\n")
    with frontend.building_meanwhile():
        assert begun == [program]


def test_words_are_compiled_when_they_were_written_later(elsewhere: Path) -> None:
    po = elsewhere / "locale" / "site" / "nl" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    shape = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "{}"\n'
    )
    for word in ("eerst", "later"):
        po.write_text(shape.format(word))
        frontend.ensure_words()
        with po.with_suffix(".mo").open("rb") as compiled:
            assert GNUTranslations(compiled).gettext("a") == word
    before = po.with_suffix(".mo").stat().st_mtime_ns
    frontend.ensure_words()
    assert po.with_suffix(".mo").stat().st_mtime_ns == before
