"""A test waits for the proof and not for a moment, has one patience with what never comes, and
asks which day it is when it runs.
"""

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
#: What says which moment it is. What a file keeps of it when it is read is of another day when all
#: tests run on past midnight.
_CLOCKS = {"today", "typed_today", "localdate", "localtime", "now", "time"}
READS_EARLY = {
    "tests/apps/contributions/test_sweep.py": "a moment that is long past stays so",
    "tests/apps/reports/test_years.py": "a year, which ends while a test runs once in all of them",
    "tests/web/decisions/test_decided.py": "a year, as above",
    "tests/apps/trust/test_samples.py": "the day of the tests, which they name to what they try",
}


def moments(source: str) -> list[str]:
    """The calls in a piece of code that wait for a number of seconds."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [ast.unparse(call) for call in calls if _counts_seconds(call)]


def _counts_seconds(call: ast.Call) -> bool:
    name = _name(call)
    limits = [word.value for word in call.keywords if word.arg == "timeout"]
    if name in _WAITS:
        limits += call.args
    return name in _MOMENTS or any(map(_is_number, limits))


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


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


def reads_clock_early(source: str) -> bool:
    """Whether a file asks the clock when it is read, and not when a test runs."""
    waiting: list[ast.AST] = list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and _asks_clock(node):
            return True
        is_deed = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waiting += _outside(node) if is_deed else list(ast.iter_child_nodes(node))
    return False


def _asks_clock(call: ast.Call) -> bool:
    is_time_of_day = _name(call) == "time" and isinstance(call.func, ast.Name)
    return _name(call) in _CLOCKS and not is_time_of_day


def _outside(node: ast.AST) -> list[ast.AST]:
    """What of a function is reckoned where it stands: its decorators and what is usual in it."""
    usual = getattr(node, "args").defaults  # noqa: B009 - all three have arguments
    return [*getattr(node, "decorator_list", ()), *usual]


def test_no_test_keeps_the_day_on_which_its_file_was_read() -> None:
    early = {
        project.name(path)
        for path in project.files(".py", under="tests")
        if reads_clock_early(project.read(path))
    }
    assert early == set(READS_EARLY), "ask for the day when the test runs: tests/days.py"


@pytest.mark.parametrize(
    ("source", "is_early"),
    [
        ("TODAY = timezone.localdate()", True),
        ("WHEN = {'end': today() + DAY}", True),
        ("@parametrize('day', [today()])\ndef test(day): ...", True),
        ("def day(on=date.today()): ...", True),
        ("def test():\n    assert today()", False),
        ("class Told:\n    def day(self):\n        return today()", False),
        ("NOW = lambda: timezone.now()", False),
        ("EARLY = time(9, 30)", False),
    ],
)
def test_the_checker_sees_who_asks_early(source: str, is_early: bool) -> None:
    assert reads_clock_early(source) is is_early


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
