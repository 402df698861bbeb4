"""The published schemes say what the clients' pages say."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telmee.core.explain import Text
from telmee.core.obligations import Category
from telmee.core.obligations.scope import most_specific, rows_in_scope
from telmee.core.schemes.model import DayCount, Scheme
from telmee.core.schemes.secondary import has_secondary_amounts, is_secondary
from telmee.core.schemes.select import name_of
from telmee.integrations.scheme_files import check_scheme_file, load_scheme_file
from tests.core.schemes.published_figures import (
    BLOCKS,
    BONUSES,
    DEADLINES,
    DISCOUNTS,
    ONCE,
    OWN_CERTIFICATES,
    PERCENTAGES,
    SANCTIONS,
    SECONDARY,
    SHARES,
    THRESHOLDS,
    TIME,
    WITHOUT_FIGURES,
)

FOLDER = Path(__file__).resolve().parents[3] / "schemes"
ALL = sorted(FOLDER.glob("*/*.toml"))
#: The last reading of the newest version of each scheme.
FILES = {path.parent.name: path for path in sorted(ALL, key=lambda path: name_of(path.stem))}
SCHEMES: dict[str, Scheme] = {name: load_scheme_file(file) for name, file in FILES.items()}
EVERY = pytest.mark.parametrize("name", sorted(FILES))


def _euros(cents: int | None) -> int | None:
    return None if cents is None else cents // 100


@pytest.mark.parametrize("file", ALL, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_scheme_has_no_fault(file: Path) -> None:
    assert check_scheme_file(file) == ()


def test_there_are_41_schemes_with_their_figures() -> None:
    assert len(FILES) == 41
    tables = (BLOCKS, TIME, PERCENTAGES, DEADLINES, SANCTIONS)
    known = WITHOUT_FIGURES.union(*tables, (row[0] for row in THRESHOLDS))
    assert known == set(FILES), "a scheme is missing in the figures, or the other way round"


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_the_rows_of_a_table(name: str) -> None:
    address, rows = BLOCKS[name]
    blocks = SCHEMES[name].blocks
    found = {b.key: (_euros(b.amount_cents), b.unit.value, b.max_months) for b in blocks}
    assert found == rows
    assert list(found) == list(rows), "the order is that of the page"
    assert {block.source for block in blocks} == {address}


def test_no_other_scheme_has_rows() -> None:
    assert {name for name, scheme in SCHEMES.items() if scheme.blocks} == set(BLOCKS)


@EVERY
def test_the_bonuses(name: str) -> None:
    found = {b.key: (_euros(b.amount_cents), set(b.blocks)) for b in SCHEMES[name].bonuses}
    assert found == BONUSES.get(name, {})


@EVERY
def test_age_bonuses_are_one_group_and_no_other_is(name: str) -> None:
    for bonus in SCHEMES[name].bonuses:
        assert bonus.group == ("age" if bonus.key.startswith("age") else None)


@EVERY
def test_the_bonuses_that_are_given_once(name: str) -> None:
    assert {b.key for b in SCHEMES[name].bonuses if b.once} == ONCE.get(name, set())


@EVERY
def test_time_and_version(name: str) -> None:
    silent = {
        **dict.fromkeys(("weekly_hours", "default_max_months", "gap_months", "look_back_months")),
        **dict.fromkeys(("valid_from", "valid_to", "retroactive_to", "selected_by")),
        "limit_counted_in": "calendar",
        "day_count": DayCount.ANNIVERSARY,
        "standing": "published",
    }
    expected = silent | TIME.get(name, {})
    assert {field: getattr(SCHEMES[name], field) for field in expected} == expected


def test_what_single_rows_say_of_their_own() -> None:
    harlingen, leiden = SCHEMES["harlingen"], SCHEMES["leiden-2023-09"]
    assert {b.min_weekly_hours for b in harlingen.blocks if b.unit.counts_time} == {12_00}
    counts = {b.key: b.day_count for b in leiden.blocks if b.day_count is not DayCount.ANNIVERSARY}
    assert counts == {"bol": DayCount.WEEKS_52}
    either = {(n, b.key) for n, s in SCHEMES.items() for b in s.blocks if b.or_actual_cost}
    assert either == {
        ("utrecht-36h-v1", "activity_hours"),
        ("utrecht-36h-v1", "social_enterprise"),
        ("utrecht-36h-v2", "support_initiative"),
        ("utrecht-36h-v2", "share_knowledge"),
        ("oost-nederland-2026", "mvo"),
        ("oost-nederland-2023-all-rows", "mvo"),
        ("amersfoort-stad-2026", "activity"),
    }
    after_benefit = {
        (n, b.key) for n, s in SCHEMES.items() for b in s.blocks if b.from_last_benefit_day
    }
    assert after_benefit == {("rijnmond-2024", "pw"), ("rijnmond-2024", "ww")}
    yearly = {(n, b.key) for n, s in SCHEMES.items() for b in s.bonuses if b.yearly_amount}
    assert yearly == {("rijnmond-2024", "permanent")}
    cost_bonuses = {(n, b.key) for n, s in SCHEMES.items() for b in s.bonuses if b.actual_cost}
    assert cost_bonuses == {("haaglanden-zhc-2023-07", "training")}


def test_the_certificates_of_the_guide() -> None:
    """The guide's third element: 100% of the invoice, or 50% for PSO steps 1 to 3."""
    guide = SCHEMES["handreiking-2025"]
    assert {c.key: c.percentage_bp for c in guide.certificates} == {
        **dict.fromkeys(("senl", "buy_social", "code", "pso_30plus"), 100_00),
        **dict.fromkeys(("pso_1", "pso_2", "pso_3"), 50_00),
    }
    assert [block.key for block in guide.blocks if block.needs_certificate] == ["purchase"]


def test_the_certificates_that_a_row_names_itself() -> None:
    own = {
        (name, block.key): {c.key: _euros(c.percentage_bp) for c in block.certificates}
        for name, scheme in SCHEMES.items()
        for block in scheme.blocks
        if block.own_certificates
    }
    assert own == OWN_CERTIFICATES


def test_the_shares_of_an_obligation() -> None:
    shares = {
        (name, cap.key): (_euros(cap.share_bp), set(cap.blocks))
        for name, scheme in SCHEMES.items()
        for cap in scheme.caps
    }
    assert shares == SHARES


@EVERY
def test_which_pages_with_amounts_are_somebody_elses(name: str) -> None:
    scheme = SCHEMES[name]
    found = {block.source for block in scheme.blocks if is_secondary(scheme, block.source)}
    assert found == SECONDARY.get(name, set())
    assert has_secondary_amounts(scheme) == (name in SECONDARY)


def test_the_second_reading_of_the_guide_changes_no_amount() -> None:
    first = load_scheme_file(FOLDER / "handreiking-2025" / "2025-10-14.toml")
    second = SCHEMES["handreiking-2025"]
    told = [[replace(block, note=None) for block in reading.blocks] for reading in (first, second)]
    assert told[0] == told[1]
    assert first.certificates == second.certificates
    assert {"blocks.support.max_months", "blocks.project_hours.unit"} == (
        set(second.assumed) - set(first.assumed) - {"version.valid_from"}
    )
    assert any("element 4" in note.text.nl for note in second.notes)


@pytest.mark.parametrize(("name", "category", "client", "euros", "above"), THRESHOLDS)
def test_from_which_amount(
    name: str, category: str, client: str | None, euros: int | None, above: bool
) -> None:
    rows = rows_in_scope(SCHEMES[name].obligation.thresholds, Category(category), client)
    found = [(_euros(r.amount_cents), r.strictly_above) for r in rows if not r.eu_threshold]
    assert found == ([] if euros is None else [(euros, above)])
    assert not any(r.eu_threshold for r in rows) or name == "provincie-noord-holland"


def test_where_the_european_threshold_is_named_the_table_has_its_amount() -> None:
    rows = {
        (n, t.key): (t.eu_amount, t.strictly_above)
        for n, s in SCHEMES.items()
        for t in s.obligation.thresholds
        if t.eu_threshold
    }
    assert rows == {
        ("amsterdam", "all"): ("sub_central", True),
        ("haaglanden-zhc-2023-07", "den_haag"): ("sub_central", False),
        ("haaglanden-zhc-2023-07", "rijswijk"): ("sub_central", True),
        ("haaglanden-zhc-2023-07", "rijswijk_works"): ("works", True),
        ("provincie-noord-holland", "european_services"): ("sub_central", True),
        ("provincie-noord-holland", "european_works"): ("works", True),
    }


def test_a_text_that_was_read_again_changes_no_amount_of_an_effort() -> None:
    for file in ALL:
        first, last = load_scheme_file(file), SCHEMES[file.parent.name]
        if name_of(first.version).first_day == name_of(last.version).first_day:
            assert _amounts(first) == _amounts(last)


def _amounts(scheme: Scheme) -> list[tuple[Any, ...]]:
    blocks = [(b.key, b.unit, b.amount_cents, b.percentage_bp, b.max_months) for b in scheme.blocks]
    return [*blocks, *((bonus.key, bonus.amount_cents) for bonus in scheme.bonuses)]


@EVERY
def test_the_percentages(name: str) -> None:
    rows = SCHEMES[name].obligation.percentages
    found = {r.key: (_euros(r.percentage_bp), r.basis) for r in rows}
    assert found == PERCENTAGES.get(name, {})


@EVERY
def test_a_percentage_that_is_not_published_is_for_a_person(name: str) -> None:
    for row in SCHEMES[name].obligation.percentages:
        offered = row.offered_max_bp is not None
        assert (row.percentage_bp is None) == (offered or row.judgement is not None)


def test_what_bounds_a_percentage() -> None:
    bounds = {
        (name, row.key): (
            row.labour_share_min_bp,
            row.labour_share_below_bp,
            row.offered_above_bp,
            row.offered_max_bp,
            row.value_above_cents,
        )
        for name, scheme in SCHEMES.items()
        for row in scheme.obligation.percentages
    }
    assert {row: found for row, found in bounds.items() if any(found)} == {
        ("bloemendaal-2019", "supplies"): (30_00, None, None, None, None),
        ("haaglanden-zhc-2023-07", "leidschendam_voorburg_little_labour"): (
            *(None, 30_00, None, None, None),
        ),
        ("sudwest-fryslan", "offered"): (None, None, 2_00, 5_00, None),
        ("tilburg-corporaties-2017", "large"): (None, None, None, None, 1_000_000_00),
    }


@EVERY
def test_what_a_certificate_takes_off(name: str) -> None:
    found = {
        key: _euros(row.percentage_bp)
        for row in SCHEMES[name].obligation.discounts
        for key in row.certificates
    }
    assert found == DISCOUNTS.get(name, {})
    held = {row.valid for row in SCHEMES[name].obligation.discounts} - {None}
    assert held == ({"whole_contract"} if name == "av-regio" else set())


def test_caps_minimums_and_durations_of_obligations() -> None:
    caps = {n: s.obligation.cap_cents for n, s in SCHEMES.items() if s.obligation.cap_cents}
    assert caps == {"sudwest-fryslan": 300_000_00}
    yearly = {name for name, scheme in SCHEMES.items() if scheme.obligation.yearly_minimum}
    assert yearly == {"sudwest-fryslan"}
    durations = {
        (name, row.key): row.min_duration_months
        for name, scheme in SCHEMES.items()
        for row in scheme.obligation.thresholds
        if row.min_duration_months
    }
    assert durations == {("rijk", "works"): 6, ("rijk", "services"): 6}


@EVERY
def test_the_deadlines(name: str) -> None:
    rows = SCHEMES[name].obligation.deadlines
    assert [(r.moment, r.days, r.working) for r in rows] == DEADLINES.get(name, [])


@EVERY
def test_the_sanctions(name: str) -> None:
    rows = SCHEMES[name].obligation.sanctions
    found = [(r.kind, None if r.factor is None else r.factor * 100) for r in rows]
    assert found == SANCTIONS.get(name, [])


@EVERY
def test_every_figure_has_a_page_or_a_reason(name: str) -> None:
    scheme = SCHEMES[name]
    document = tomllib.loads(FILES[name].read_text("utf-8"))
    for path in _figures(document):
        page = scheme.source_of(path)
        assert page in {source.url for source in scheme.sources.values()} or _assumed(scheme, path)


def _figures(table: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The path of every number and date, apart from the number of the format."""
    for key, value in table.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _figures(value, here)
        elif not isinstance(value, str | list) and here != "format":
            yield here


def _assumed(scheme: Scheme, path: str) -> bool:
    parents = path.split(".")
    return any(".".join(parents[:end]) in scheme.assumed for end in range(1, len(parents) + 1))


@EVERY
def test_every_sentence_is_in_both_languages(name: str) -> None:
    document = tomllib.loads(FILES[name].read_text("utf-8"))
    for sentence in _texts(document):
        assert sentence.keys() == {"nl", "en"}
        assert sentence["nl"].strip() == sentence["nl"]
        assert sentence["en"].strip() == sentence["en"]


def _texts(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "nl" in value or "en" in value:
            yield value
        else:
            for item in value.values():
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


@EVERY
def test_what_is_assumed_says_why(name: str) -> None:
    for reason in SCHEMES[name].assumed.values():
        assert isinstance(reason, Text)
        assert reason.en
        assert len(reason.nl) > 40


def test_contested_readings_are_assumed() -> None:
    """docs/algorithms/valuation.md section 8."""
    expected = {
        "harlingen": {"time.day_count", "blocks.wep.max_months", "bonuses.age55.group"},
        "leiden-2023-09": {"time.weekly_hours", "blocks.bol.day_count"},
        "oost-nederland-v05-2023-04": {"time.weekly_hours", "version.valid_from"},
        "haaglanden-zhc-2023-07": {
            *("blocks.bbl_le2.max_months", "blocks.bbl_ge3.max_months"),
            *("bonuses.age55.blocks", "bonuses.training.blocks", "bonuses.disability_ips.blocks"),
            "obligation.default_client",
        },
        "handreiking-2025": {"pro_rata"},
        "oost-nederland-2023-all-rows": {"time.weekly_hours", "blocks.mvo.unit"},
        "rijnmond-2024": {"time.weekly_hours", "blocks.activity.unit"},
        "groningen-3.0-2025": {"blocks.wep.unit", "blocks.guest.unit"},
        "oost-nederland-2026": {"blocks.mvo.unit", "bonuses.permanent.blocks"},
        "tilburg-corporaties-2017": {"obligation.percentages.sum.basis"},
        "veenendaal-2013": {"version.valid_from"},
    }
    for name, paths in expected.items():
        assert paths <= SCHEMES[name].assumed.keys()


def test_utrecht_is_one_family() -> None:
    families = {name for name, scheme in SCHEMES.items() if scheme.family != name}
    assert families == {"utrecht-36h-v1", "utrecht-36h-v2"}
    assert {SCHEMES[name].family for name in families} == {"utrecht"}


def test_a_row_for_one_client_goes_before_the_others() -> None:
    rules = SCHEMES["haaglanden-zhc-2023-07"].obligation
    rows = rows_in_scope(rules.percentages, Category.SERVICES, "Leidschendam-Voorburg")
    assert [row.key for row in most_specific(rows)] == ["leidschendam_voorburg_little_labour"]
