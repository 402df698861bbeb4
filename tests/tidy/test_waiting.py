"""A test waits for the proof and not for a moment, and has one patience with what never comes."""

import ast

import pytest

from tests.tidy import project

#: What looks after a while at what may not have come by then, or has come long before.
_MOMENTS = {"wait_for_timeout", "sleep"}
#: What waits for somebody else, for no longer than it is told to.
_WAITS = {"wait", "join", "communicate", "result"}
_BESIDE = "lets two who do the same really meet: it is what they come across, and no wait for it"
# Where a number of seconds is the right thing, and why; the list only gets shorter.
EXEMPT = {
    "tests/apps/test_money_at_once.py": _BESIDE,
    "tests/integrations/apart/misbehaving.py": "does nothing for longer than it is let to",
    "tests/installation/test_processes.py": "a signal that is ignored: what does not happen",
    "tests/journeys/test_enter_on_site.py": "what is typed is kept after a quarter of a second",
    "tests/patience.py": "the one place where a test sleeps until it looks again",
    "tests/web/test_gate.py": "sends on, slower than a site lets anybody",
}


def moments(source: str) -> list[str]:
    """The calls in a piece of code that wait for a number of seconds."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [ast.unparse(call) for call in calls if _counts_seconds(call)]


def _counts_seconds(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    limits = [word.value for word in call.keywords if word.arg == "timeout"]
    if name in _WAITS:
        limits += call.args
    return name in _MOMENTS or any(map(_is_number, limits))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def test_no_test_waits_for_a_moment() -> None:
    waiting = {
        project.name(path): calls
        for path in project.files(".py", under="tests")
        if (calls := moments(project.read(path)))
    }
    elsewhere = {name: waiting[name] for name in waiting.keys() - EXEMPT.keys()}
    assert elsewhere == {}, "wait for the proof: tests/patience.py"
    assert EXEMPT.keys() - waiting.keys() == set(), "these exemptions are no longer needed"


@pytest.mark.parametrize(
    ("call", "is_one"),
    [
        ("page.wait_for_timeout(600)", True),
        ("time.sleep(0.1)", True),
        ("thread.join(30)", True),
        ("process.wait(timeout=60)", True),
        ("subprocess.run(command, timeout=120)", True),
        ("thread.join()", False),
        ("process.wait(PATIENCE_SECONDS)", False),
        ("', '.join(names)", False),
    ],
)
def test_the_checker_sees_a_moment(call: str, is_one: bool) -> None:
    assert bool(moments(call)) is is_one
