"""A house style is chosen by a manager, can be read by everybody, and holds for the next letter."""

from __future__ import annotations

from typing import Any

import pytest

from telmee.apps.letters.house_styles import Chosen, choose_house_style, contrast_of
from telmee.apps.letters.queries import house_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.integrations.typesetting.logos import SVG, svg


def _choose(cast: Cast, who: str = "manager", **chosen: Any) -> None:
    with acting_as(getattr(cast, who).pk) as acting:
        choose_house_style(acting, cast.hilversum.pk, Chosen(**chosen))


def _refused(cast: Cast, who: str = "manager", **chosen: Any) -> dict[str, Any]:
    with pytest.raises(DomainError) as error:
        _choose(cast, who, **chosen)
    return {problem.code: dict(problem.params) for problem in error.value.problems}


def test_the_latest_house_style_holds_and_a_logo_stays_until_it_is_taken_away(cast: Cast) -> None:
    _choose(cast, logo=("logo.svg", SVG), address=" Postbus 1 ")
    _choose(cast, colour=" #7A0019 ", prefix="SR")
    with acting_as(cast.reader.pk):
        style = house_of(cast.hilversum.pk)
        assert style is not None
        assert (style.number, style.colour, style.prefix) == (2, "#7a0019", "SR")
        assert bytes(style.logo or b"").startswith(b"\x89PNG")
    _choose(cast, without_logo=True)
    with acting_as(cast.reader.pk):
        style = house_of(cast.hilversum.pk)
        assert style is not None
        assert style.logo is None


def test_everything_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    refused = _refused(cast, colour="#ffcc00", objection_days=0, address="x" * 401)
    assert refused.keys() == {
        "colour_too_light",
        "objection_days_out_of_range",
        "text_too_long",
    }
    assert float(refused["colour_too_light"]["contrast"]) < 4.5


@pytest.mark.parametrize(
    ("colour", "code"),
    [("rood", "colour_unknown"), ("#fff", "colour_unknown"), ("#777777", "colour_too_light")],
)
def test_a_colour_that_cannot_be_read_is_refused(cast: Cast, colour: str, code: str) -> None:
    assert _refused(cast, colour=colour).keys() == {code}


def test_the_contrast_is_rounded_down() -> None:
    assert [str(contrast_of(colour)) for colour in ("#767676", "#777777", "#000000")] == [
        "227/50",
        "447/100",
        "21",
    ]


def test_a_logo_with_a_script_is_refused(cast: Cast) -> None:
    hostile = svg("<script>1</script>")
    assert _refused(cast, logo=("l.svg", hostile)).keys() == {"logo_with_more"}


@pytest.mark.parametrize("who", ["adviser", "reader", "colleague", "contractor_manager"])
def test_only_its_manager_chooses_it(cast: Cast, who: str) -> None:
    assert _refused(cast, who).keys() == {"not_allowed"}
