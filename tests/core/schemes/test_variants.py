"""Every rule variant loads and says in the model what its file says."""

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from telmee.core.explain import Text
from telmee.core.schemes.build import CONVENTIONS
from telmee.core.schemes.model import Block, Bonus, Note, Scheme
from telmee.integrations.scheme_files import check_scheme_file, load_scheme, scheme_ids
from telmee.texts import problem_text
from tests.core.schemes import variants

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "scheme-format.md").read_text("utf-8")

Look = Callable[[Scheme], Any]


def _block(*names: str) -> Look:
    return lambda scheme: [tuple(getattr(b, name) for name in names) for b in scheme.blocks]


def _bonus(*names: str) -> Look:
    return lambda scheme: [tuple(getattr(b, name) for name in names) for b in scheme.bonuses]


def _cap(scheme: Scheme) -> Any:
    return [(c.per, c.amount_cents, c.share_bp, sorted(c.blocks)) for c in scheme.caps]


def _rule(part: str, *names: str) -> Look:
    return lambda scheme: [
        tuple(getattr(row, name) for name in names) for row in getattr(scheme.obligation, part)
    ]


def _text(note: Note | Text | None) -> str:
    """The English words of a note or a text that must be there."""
    assert note is not None
    text = note.text if isinstance(note, Note) else note
    return text.in_language("en")


def _scheme(*names: str) -> Look:
    return lambda scheme: tuple(getattr(scheme, name) for name in names)


_UNIT = _block("unit", "amount_cents", "percentage_bp")
_LIMIT = _block("key", "max_months")
_VALUE = ("categories", "amount_cents", "strictly_above", "min_duration_months")
_PERCENT = ("categories", "percentage_bp", "basis")
_LABOUR = ("percentage_bp", "labour_share_min_bp", "labour_share_below_bp")

EXPECTED: dict[str, tuple[Look, Any]] = {
    "full-time-year": (_UNIT, [("full_time_year", 30_000_00, 100_00)]),
    "learning-year": (_UNIT, [("person_year", 36_500_00, 100_00)]),
    "per-month": (_UNIT, [("month", 750_00, 100_00)]),
    "per-hour": (_UNIT, [("hour", 100_00, 100_00)]),
    "hours-or-invoice": (_block("unit", "or_actual_cost"), [("hour", True)]),
    "per-piece": (_UNIT, [("piece", 250_00, 100_00)]),
    "per-part-day": (_UNIT, [("part_day", 1_250_00, 100_00)]),
    "per-internship-period": (_UNIT, [("internship_period", 7_500_00, 100_00)]),
    "unit-not-stated": (_UNIT, [("not_stated", 10_000_00, 100_00)]),
    "amount-unclear": (
        lambda s: [_text(s.blocks[0].published), _text(s.bonuses[0].published)],
        ["see the worth of the target group", "€ 1?.000"],
    ),
    "hours-not-stated": (_scheme("weekly_hours"), (None,)),
    "day-maximum": (_UNIT, [("day_maximum", 1_000_00, 100_00)]),
    "actual-cost": (_UNIT, [("actual_cost", None, 75_00)]),
    "wage-cost": (_UNIT, [("actual_cost", None, 100_00)]),
    "by-agreement": (_UNIT, [("agreement", None, 100_00)]),
    "amount-not-stated": (_UNIT, [("full_time_year", None, 100_00)]),
    "class-limits": (_block("key"), [("ww_3m_1y",), ("ww_gt1",)]),
    "look-back": (_scheme("look_back_months"), (12,)),
    "default-limit": (_LIMIT, [("pw", 12)]),
    "block-limit": (_LIMIT, [("wia", 24)]),
    "no-limit": (_LIMIT, [("register", None)]),
    "limit-from-benefit": (
        _block("key", "max_months", "from_last_benefit_day"),
        [("pw", 36, True), ("ww", 24, True), ("nug", 24, False), ("register", None, False)],
    ),
    "most-hours": (
        _block("max_weekly_hours", "max_hours"),
        [(10_00, None), (None, 10_00)],
    ),
    "months-of-hours-and-cost": (
        _block("unit", "max_months"),
        [("hour", 3), ("actual_cost", 6)],
    ),
    "limit-exceptions": (
        lambda s: [n.text.nl[:22] for n in s.limit_exceptions],
        ["Met loonkostensubsidie"],
    ),
    "limit-with-gaps": (_scheme("default_max_months", "gap_months"), (24, 6)),
    "worked-time-limit": (
        _scheme("limit_counted_in", "gap_months", "day_count"),
        ("worked_time", 6, "worked_hours"),
    ),
    "minimum-hours": (_block("min_weekly_hours"), [(12_00,)]),
    "minimum-months": (_block("min_months"), [(6,), (3,)]),
    "reference-date": (lambda s: _text(s.reference_moment), "The date of formal award."),
    "day-count-anniversary": (_block("day_count"), [("anniversary",)]),
    "day-count-months": (_block("day_count"), [("months",)]),
    "day-count-days": (_block("day_count"), [("days_365",)]),
    "day-count-weeks": (_block("day_count"), [("weeks_52",)]),
    "day-count-worked-hours": (_scheme("day_count", "weekly_hours"), ("worked_hours", None)),
    "bonuses-add-up": (_bonus("amount_cents", "group"), [(10_000_00, None), (5_000_00, "age")]),
    "stacking-group": (_bonus("amount_cents", "group"), [(5_000_00, "age"), (7_500_00, "age")]),
    "once-bonus": (_bonus("amount_cents", "once"), [(5_000_00, True)]),
    "yearly-amount-bonus": (
        _bonus("amount_cents", "yearly_amount", "once"),
        [(None, True, True)],
    ),
    "cost-above-hundred": (
        lambda s: [(b.percentage_bp, [c.percentage_bp for c in b.certificates]) for b in s.blocks],
        [(150_00, []), (100_00, [125_00])],
    ),
    "bonus-of-blocks": (_bonus("blocks"), [(frozenset({"pw"}),)]),
    "bonus-of-categories": (_bonus("blocks"), [(frozenset({"pw"}),)]),
    "bonus-of-every-block": (_bonus("blocks"), [(frozenset({"pw", "bbl"}),)]),
    "actual-cost-bonus": (
        _bonus("amount_cents", "actual_cost", "percentage_bp"),
        [(None, True, 50_00)],
    ),
    "bonus-not-stated": (_bonus("amount_cents", "actual_cost"), [(None, False)]),
    "certificates": (
        lambda s: [(c.key, c.percentage_bp) for c in s.certificates],
        [("code", 100_00), ("pso_1", 50_00)],
    ),
    "certificates-of-a-block": (
        lambda s: [[(c.key, c.percentage_bp) for c in b.certificates] for b in s.blocks],
        [
            [("code", 100_00), ("pso_30plus", 100_00)],
            [("pso_1", 10_00), ("pso_2", 20_00), ("pso_30plus", 30_00), ("pso_aspirant", None)],
        ],
    ),
    "certificate-not-stated": (lambda s: [c.percentage_bp for c in s.certificates], [None]),
    "cap-per-day": (_cap, [("day", 1_000_00, None, ["project"])]),
    "cap-per-person": (_cap, [("person", 15_000_00, None, ["pw"])]),
    "caps-per-kind": (
        lambda s: [(_text(c.label), c.share_bp, sorted(c.blocks)) for c in s.caps],
        [
            ("social investing", 25_00, ["buddy", "fund"]),
            ("open impact", 10_00, ["idea", "open_impact"]),
        ],
    ),
    "cap-per-contract": (_cap, [("contract", None, 10_00, ["project"])]),
    "evidence-and-eligibility": (
        lambda s: (len(s.eligibility), len(s.notes), len(s.blocks[0].evidence)),
        (1, 1, 1),
    ),
    "silence": (
        lambda s: sorted(s.assumed),
        # With one bonus there is nothing to add up.
        sorted({*CONVENTIONS, "time.weekly_hours"} - {"bonus_adding"}),
    ),
    "spoken-conventions": (_scheme("assumed"), ({},)),
    "retroactive": (
        _scheme("valid_from", "retroactive_to"),
        (date(2021, 5, 21), date(2019, 9, 1)),
    ),
    "ended": (_scheme("valid_from", "valid_to"), (date(2012, 5, 29), date(2018, 6, 8))),
    "selected-by": (_scheme("selected_by"), ("publication",)),
    "assumed-day": (
        lambda s: (s.valid_from, list(s.assumed)),
        (date(2023, 4, 1), ["version.valid_from"]),
    ),
    "family": (_scheme("family", "valid_from"), ("voorbeeld", None)),
    "proposal": (_scheme("standing"), ("proposal",)),
    "threshold": (_rule("thresholds", *_VALUE), [(None, 200_000_00, False, None)]),
    "threshold-above": (_rule("thresholds", *_VALUE), [(None, 250_000_00, True, None)]),
    "threshold-eu": (_rule("thresholds", "eu_threshold", "amount_cents"), [(True, None)]),
    "threshold-eu-table": (
        _rule("thresholds", "eu_threshold", "eu_amount", "amount_cents"),
        [(True, "works", None), (True, "sub_central", None)],
    ),
    "threshold-by-framework": (_rule("thresholds", "call_offs"), [("framework",)]),
    "threshold-per-call-off": (_rule("thresholds", "call_offs"), [("each",)]),
    "vat": (
        lambda s: (s.obligation.thresholds[0].vat, s.obligation.percentages[0].vat),
        ("excluded", "included"),
    ),
    "clients-unknown": (_scheme("applies_to"), ((),)),
    "fine-of-the-shortfall": (_rule("sanctions", "kind", "factor"), [("fine", Fraction(5, 4))]),
    "threshold-duration": (_rule("thresholds", *_VALUE), [(None, 250_000_00, False, 6)]),
    "threshold-by-category": (
        _rule("thresholds", "categories", "amount_cents"),
        [(frozenset({"services"}), 125_000_00), (frozenset({"works"}), 225_000_00)],
    ),
    "threshold-by-judgement": (
        lambda s: s.obligation.thresholds[0].judgement is not None,
        True,
    ),
    "percentage-by-category": (
        _rule("percentages", *_PERCENT),
        [
            (frozenset({"services"}), 5_00, "contract_sum"),
            (frozenset({"works"}), 3_00, "contract_sum"),
        ],
    ),
    "wage-sum": (
        _rule("percentages", *_PERCENT),
        [(None, 5_00, "contract_sum"), (None, 7_00, "wage_sum")],
    ),
    "turnover": (_rule("percentages", *_PERCENT), [(None, 2_50, "turnover")]),
    "labour-share-minimum": (_rule("percentages", *_LABOUR), [(5_00, 30_00, None)]),
    "labour-share-below": (
        _rule("percentages", *_LABOUR),
        [(5_00, None, None), (2_00, None, 30_00)],
    ),
    "offered-percentage": (
        _rule("percentages", "percentage_bp", "offered_above_bp", "offered_max_bp"),
        [(2_00, None, None), (None, 2_00, 5_00)],
    ),
    "large-contracts": (
        _rule("percentages", "percentage_bp", "value_above_cents"),
        [(5_00, None), (None, 1_000_000_00)],
    ),
    "percentage-by-judgement": (
        lambda s: [(p.percentage_bp, _text(p.judgement)) for p in s.obligation.percentages],
        [(None, "The percentage is set in each contract.")],
    ),
    "obligation-cap": (lambda s: s.obligation.cap_cents, 300_000_00),
    "yearly-minimum": (
        lambda s: _text(s.obligation.yearly_minimum),
        "The same in every contract year.",
    ),
    "clients": (
        lambda s: (s.obligation.default_client, [p.clients for p in s.obligation.percentages]),
        ("Noord", [frozenset({"Noord"}), frozenset({"Zuid"})]),
    ),
    "exemption": (
        _rule("discounts", "certificates", "percentage_bp"),
        [(frozenset({"pso_2"}), 100_00)],
    ),
    "discount-whole-contract": (
        _rule("discounts", "percentage_bp", "valid"),
        [(50_00, "whole_contract")],
    ),
    "discount-at-tender": (_rule("discounts", "percentage_bp", "valid"), [(50_00, "tender")]),
    "discount-not-stated": (_rule("discounts", "percentage_bp", "valid"), [(None, None)]),
    "calendar-days": (_rule("deadlines", "moment", "days", "working"), [("final_award", 7, False)]),
    "working-days": (_rule("deadlines", "moment", "days", "working"), [("final_award", 7, True)]),
    "due-with-the-bid": (_rule("deadlines", "moment", "days"), [("bid", None)]),
    "days-not-stated": (_rule("deadlines", "moment", "days"), [("award", None)]),
    "fine-factor": (_rule("sanctions", "kind", "factor"), [("fine", Fraction(3, 2))]),
    "withholding": (
        _rule("sanctions", "kind", "factor", "recovery_days"),
        [("withholding", Fraction(1), 30)],
    ),
    "buy-out": (_rule("sanctions", "kind", "factor"), [("buy_out", None)]),
    "obligation-notes": (lambda s: len(s.obligation.notes), 1),
}


def test_every_fixture_is_expected_and_no_other() -> None:
    assert variants.names() == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_variant_says_in_the_model_what_its_file_says(name: str) -> None:
    assert check_scheme_file(variants.file_of(name)) == ()
    look, expected = EXPECTED[name]
    assert look(variants.load(name)) == expected


def test_the_fixtures_are_a_folder_of_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of folders and files are checked too, and a command can be pointed at them."""
    monkeypatch.setenv("TELMEE_SCHEMES", str(variants.FOLDER))
    assert scheme_ids() == [f"variant-{name}" for name in variants.names()]
    for scheme_id in scheme_ids():
        assert load_scheme(scheme_id).id == scheme_id


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_variant_that_changes_an_amount_has_a_worked_case(name: str) -> None:
    scheme = variants.load(name)
    case = variants.FOLDER / f"variant-{name}" / "case.toml"
    if not case.exists():
        dated = scheme.valid_from is not None or name == "family"
        assert dated, "only a version or a family has nothing to work out"
        return
    worked = tomllib.loads(case.read_text("utf-8"))
    assert bool(worked.get("lines")) == scheme.has_amounts
    for line in (*worked.get("lines", ()), *worked.get("obligations", ())):
        amount = line.get("value_cents", line.get("owed_cents"))
        assert (amount is None) == (line["status"] in ("refused", "needs_judgement"))


def test_the_document_lists_every_fixture_and_names_schemes_that_exist() -> None:
    listed = re.findall(r"^\|.*\| ([^|]*) \| variant-([a-z-]+) \|$", DOCUMENT, re.MULTILINE)
    assert sorted(name for _, name in listed) == variants.names()
    published = {name for cell, _ in listed for name in cell.split(", ") if name != "-"}
    assert published <= {path.name for path in (ROOT / "schemes").iterdir()}


def test_the_document_explains_every_key_and_every_value() -> None:
    schema = json.loads((ROOT / "schemes" / "schema.json").read_text("utf-8"))
    explained = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`\n]+)`", DOCUMENT))))
    assert _words(schema) - explained == set()


def _words(schema: Any) -> set[str]:
    """Every key and every allowed value of the format."""
    if isinstance(schema, list):
        return set().union(*map(_words, schema))
    if not isinstance(schema, dict):
        return set()
    names = {*schema.get("properties", {}), *(v for v in schema.get("enum", ()) if v)}
    return names.union(*map(_words, schema.values()))


def _example() -> str:
    fenced = re.findall(r"^```toml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert len(fenced) == 1
    return str(fenced[0])


def test_the_document_tells_faults_as_the_check_does(tmp_path: Path) -> None:
    head, row, rest = re.split(r"(?m)^(?=\[blocks\.pw\]|\[blocks\.banenafspraak\])", _example())
    row = row.replace('unit = "full_time_year"\n', "").replace("amount", "amout")
    file = tmp_path / "undated.toml"
    file.write_text(head + row.replace('source = "table"', 'source = "tabel"') + rest, "utf-8")
    told = check_scheme_file(file)
    assert len(told) == 3
    page = " ".join(DOCUMENT.split())
    for problem in told:
        assert f"- `{problem.column}`: {' '.join(problem_text(problem, 'en'))}" in page


def test_the_example_of_the_document_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "voorbeeldstad" / "2026-01-01.toml"
    file.parent.mkdir()
    file.write_text(_example(), "utf-8")
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    assert check_scheme_file(file) == ()
    scheme = load_scheme("voorbeeldstad")
    _assert_block(scheme.blocks[0], 40_000_00, 24)
    _assert_block(scheme.blocks[1], 50_000_00, None)
    _assert_bonus(scheme.bonuses[1], 7_500_00)
    assert scheme.source_of("blocks.pw.amount") == scheme.sources["table"].url
    assert scheme.source_of("time.weekly_hours") is None
    assert sorted(scheme.assumed) == sorted((*CONVENTIONS, "time.weekly_hours"))


def _assert_block(block: Block, amount_cents: int, max_months: int | None) -> None:
    assert (block.amount_cents, block.max_months) == (amount_cents, max_months)


def _assert_bonus(bonus: Bonus, amount_cents: int) -> None:
    assert (bonus.amount_cents, bonus.group) == (amount_cents, "age")
    assert bonus.blocks == {"pw", "banenafspraak"}
