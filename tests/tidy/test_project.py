"""The list of files the other tidy tests read is the right one."""

from tests.tidy import project


def test_it_finds_our_files_and_no_other() -> None:
    names = {project.name(path) for path in project.files()}
    assert {
        "telmee",
        "LICENSE",
        ".ci/run",
        "tests/tidy/project.py",
        "requirements/run.txt",
    } <= names
    assert not any(part in name for name in names for part in (".venv", ".git/", "__pycache__"))


def test_git_ignores_what_the_walk_leaves_out() -> None:
    ignored = project.read(project.ROOT / ".gitignore").splitlines()
    assert {"/data/", "/static/", "__pycache__/", "node_modules/", "htmlcov/", "/.venv/"} <= {
        *ignored
    }
