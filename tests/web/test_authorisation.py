"""Every address, asked by everybody: for their own things, for those of others, and for nothing.

`tests.web.routes` says who may; here everybody tries. What is not somebody's and what does not
exist have to look the same, and what is refused must not even try to change anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.urls import Resolver404, resolve, reverse

from tests.web.cases import EVERYBODY, NOBODY, Case
from tests.web.routes import FOR_VISITORS, ROUTES, routes
from tests.web.world import World, changed_since, drained, undone, writes

PARTS = sorted(EVERYBODY)
#: Ids that no row has: one that could be the next, and one that few columns have room for.
_NO_SUCH = (999_999, 10**17)
#: What the other contract calls a thing that only one's own contract has.
_SAME = {
    "closed": "contract",
    "lapse": "sample",  # of the other client nobody lost trust
    "mistake": "contract",
    "touched": "accepted",
    "sub_draft": "draft",
    "sub_submitted": "submitted",
    "subcontractor_party": "contractor_party",
    "auditor_party": "contractor_party",
    "partner": "person",
    "share": "entry",
    "absence": "task",
}
_TEXTS = {"scheme": "harlingen", "token": "no-such-link"}
Ids = dict[str, Any]


def _own(world: World, case: Case) -> Ids:
    return {name: world.own.get(key, _TEXTS.get(key)) for name, key in case.ids.items()}


def _foreign(world: World, case: Case, part: str) -> Iterator[tuple[str, Ids]]:
    """The ids that are not one's own; for who reaches his own also beside those, one by one.

    For who does not, his own are those of others too, and the tests above ask for them: what
    lets him in at a mix of both lets him in at one of the two. Of the ids that no row has everybody
    tries one, and each page sees both.
    """
    others = {name: world.other.get(_SAME.get(key, key)) for name, key in case.ids.items()}
    yield "others", others
    if part == "visitor":
        return
    no_such = _NO_SUCH[PARTS.index(part) % 2]
    if len(case.ids) == 1 or part not in (case.get or NOBODY) | (case.post or NOBODY):
        yield "no such", dict.fromkeys(case.ids, no_such)
        return
    own = _own(world, case)
    for name in case.ids:
        yield f"others' {name}", own | {name: others[name]}
        yield f"no such {name}", own | {name: no_such}


def _answer(world: World, part: str, method: str, url: str, data: Mapping[str, Any]) -> Any:
    """Ask, undo what that did, and give the answer."""
    with undone(world.browsers[part]):
        return _asked(world, part, method, url, data)


def _asked(world: World, part: str, method: str, url: str, data: Mapping[str, Any]) -> Any:
    """Ask what changes nothing, which the caller proves by counting what was written."""
    return drained(getattr(world.browsers[part], method)(url, data))


def _refused(answer: Any, part: str) -> bool:
    if part == "visitor" and answer.status_code == 302:
        return bool(answer.url.startswith("/accounts/login/"))
    if part == "visitor" and answer.status_code == 401:
        return b"/accounts/login/" in answer.content  # a form with texts, which stand in it
    return bool(answer.status_code == 404)


def _look(answer: Any) -> str:
    """What a page shows, apart from what is new on every page and the address itself."""
    text = answer.content.decode().replace(answer.request["PATH_INFO"], "")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", text)


_CASES = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, cases in ROUTES.items()
    for number in range(len(cases))
]


# Our own pages -------------------------------------------------------------------------------


def test_every_address_is_in_the_table() -> None:
    ours = {route.name for route in routes() if route.is_ours}
    assert ours == set(ROUTES)


def test_a_table_names_the_parameters_of_its_address() -> None:
    asked = {route.name: set(route.pattern.pattern.converters) for route in routes()}
    for name, cases in ROUTES.items():
        assert all(set(case.ids) == asked[name] for case in cases), name


@pytest.mark.parametrize(("name", "number"), _CASES)
def test_who_reads_a_page(world: World, name: str, number: int) -> None:
    case = ROUTES[name][number]
    url = reverse(name, kwargs=_own(world, case))
    before = writes()
    with undone(*world.browsers.values()):
        found = {part: _asked(world, part, "get", url, {}) for part in PARTS}
        _hold_heads(world, url, found)
    assert changed_since(before) == {}, f"GET {url}"
    _hold(found, case.get)


def _hold_heads(world: World, url: str, found: Mapping[str, Any]) -> None:
    """HEAD answers as GET does: of each answer that there is to one of those who got it."""
    alike = {answer.status_code: part for part, answer in found.items()}
    for code, part in alike.items():
        assert _asked(world, part, "head", url, {}).status_code == code, f"{part}: HEAD {url}"


@pytest.mark.parametrize(("name", "number"), _CASES)
def test_who_sends_to_a_page(world: World, name: str, number: int) -> None:
    case = ROUTES[name][number]
    url = reverse(name, kwargs=_own(world, case))
    found, changing, before = {}, set(), writes()
    for part in PARTS:
        found[part] = _answer(world, part, "post", url, case.data(world))
        after = writes()
        if after != before:
            changing.add(part)
        before = after
    corrected = {part for part in case.corrected if found.pop(part).status_code == 422}
    assert corrected == case.corrected
    _hold(found, case.post)
    assert changing == set(case.changing), sorted(changing ^ set(case.changing))


def _hold(found: Mapping[str, Any], allowed: frozenset[str] | None) -> None:
    """Compare who got an answer with who may; a page without this method has none for anybody."""
    if allowed is None:
        codes = {part: answer.status_code for part, answer in found.items()}
        assert set(codes.values()) <= {405, 302}, codes
        assert {part for part, code in codes.items() if code == 302} <= {"visitor"}, codes
        return
    reached = {part for part, answer in found.items() if _reached(answer, part)}
    assert reached == allowed, {p: found[p].status_code for p in sorted(reached ^ allowed)}
    wrong = {part: answer.status_code for part, answer in found.items() if part not in reached}
    assert all(_refused(found[part], part) for part in wrong), wrong


def _reached(answer: Any, part: str) -> bool:
    return answer.status_code < 400 and not (part == "visitor" and _refused(answer, part))


_WITH_IDS = [
    case
    for case in _CASES
    for found in [ROUTES[str(case.values[0])][int(str(case.values[1]))]]
    if found.ids and found.others != EVERYBODY  # else there is only "not there"
]


@pytest.mark.parametrize(("name", "number"), _WITH_IDS)
def test_what_is_not_yours_and_what_is_not_there_look_alike(
    world: World, name: str, number: int
) -> None:
    case, before = ROUTES[name][number], writes()
    for method in ("get", "post"):
        if getattr(case, method) is not None:
            for part in sorted(EVERYBODY - case.others):
                with undone(world.browsers[part]):
                    _hold_alike(world, name, case, part, method)
                assert changed_since(before) == {}, f"{part}: {method} {name}"


def _hold_alike(world: World, name: str, case: Case, part: str, method: str) -> None:
    looks = {}
    for which, ids in _foreign(world, case, part):
        url = reverse(name, kwargs=ids)
        data = case.data(world) if method == "post" else {}
        answer = _asked(world, part, method, url, data)
        assert _refused(answer, part), f"{part}: {which}: {answer.status_code} {url}"
        looks[which] = _look(answer)
    assert len(set(looks.values())) == 1, f"{part}: {list(looks)}"


def test_an_id_that_no_row_can_have_is_no_page(world: World) -> None:
    """What leads to no view is answered without one: of that each address is asked one."""
    before = writes()
    for route in routes():
        if route.is_ours and any(kind in route.path for kind in ("<int:", "<id:")):
            numbers = ("0", "00", "9" * 19, "9" * 400, "9" * 5000)
            paths = ["/" + re.sub(r"<(int|id):\w+>", number, route.path) for number in numbers]
            nowhere = [path for path in paths if not _leads_somewhere(path)]
            for path in {*paths} - {*nowhere[1:]}:
                answer = _answer(world, "manager", "get", path, {})
                assert answer.status_code in {404, 405}, f"{answer.status_code}: {path[:80]}"
    assert changed_since(before) == {}


def _leads_somewhere(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


# The library for signing in ------------------------------------------------------------------


def test_pages_for_signing_in_ask_to_sign_in_and_never_fail(world: World) -> None:
    for route in routes():
        if route.is_ours:
            continue
        url = "/" + _filled(route.path)
        for part in ("visitor", "adviser", "outsider", "operator"):
            for method in ("get", "post"):
                answer = _answer(world, part, method, url, {})
                assert answer.status_code < 500, f"{part}: {method} {url}"
                if part == "visitor" and route.name and route.name not in FOR_VISITORS:
                    assert answer.status_code in {302, 404}, f"{method} {url}"


def _filled(path: str) -> str:
    """Put something in the parameters of an address of the library."""
    path = re.sub(r"\^|\$", "", path)
    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", "1", path)
    return re.sub(r"<\w+:\w+>", "1", path)
