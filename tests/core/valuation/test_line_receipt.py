"""A receipt stands alone: from it, without the other lines, the same cents come out."""

import json
from dataclasses import replace
from datetime import date

import pytest

from telmee.core.errors import DomainError
from telmee.core.periods import day_of
from telmee.core.receipts import facts_of, problems_as_facts, problems_from, steps_from
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.line_receipt import receipt, recompute
from telmee.integrations.scheme_files import load_scheme, scheme_ids
from tests import strategies
from tests.builders import contributions_of


def valuations(seed: int, count: int) -> list[Valuation]:
    dice = strategies.Thrown(seed)
    found = []
    for _ in range(count):
        case = strategies.a_case(dice, strategies.a_scheme(dice), lines=12)
        found.append(
            value(
                case.scheme,
                contributions_of(case.rows),
                until=None if case.until is None else day_of(case.until),
                obligations=case.obligations,
            )
        )
    return found


def test_lines_come_to_the_same_cents_from_their_receipts_alone() -> None:
    valued = capped = withheld = limited = 0
    for valuation in valuations(seed=7, count=300):
        kept = [receipt(valuation, line) for line in range(len(valuation))]
        for line, (status, cents) in enumerate(recompute(valuation.scheme, kept)):
            assert cents == kept[line].value_cents == valuation.value_cents(line)
            assert status == kept[line].status
            if status == "valued":
                valued += 1
                capped += any(kept[line].taken_off.values())
                withheld += bool(kept[line].withheld)
                limited += kept[line].limit_end is not None
    assert min(valued, capped, withheld, limited) > 20, "the cases must lean on other lines"


def test_the_story_of_every_line_is_read_back_from_its_facts() -> None:
    for valuation in valuations(seed=3, count=100):
        for line in range(len(valuation)):
            steps = explain(valuation, line)
            kept = json.loads(json.dumps(facts_of(steps, valuation.scheme)))
            assert tuple(steps_from(kept, valuation.scheme)) == steps


def test_why_a_line_has_no_value_is_read_back_from_its_facts() -> None:
    told = set[str]()
    for valuation in valuations(seed=5, count=100):
        for line in range(len(valuation)):
            problems = [replace(problem, row=None) for problem in valuation.problems(line)]
            kept = json.loads(json.dumps(problems_as_facts(problems, valuation.scheme)))
            assert list(problems_from(kept, valuation.scheme)) == problems
            told |= {str(name) for problem in problems for name in problem.params}
    assert {"min_hours", "why"} <= told, "the cases must hold fractions and the scheme's own words"


def test_what_is_kept_of_a_published_story_holds_no_sentence() -> None:
    """Names, keys and paths have no spaces; the words of a scheme do."""
    for scheme in (load_scheme(name) for name in scheme_ids()):
        for block in scheme.blocks:
            row = {"kenmerk": "A", "bouwblok": block.key, "begin": date(2024, 1, 1)}
            lines = contributions_of([row])
            for fact in facts_of(explain(value(scheme, lines), 0), scheme):
                assert " " not in json.dumps(fact, separators=(",", ":")), fact


def test_a_receipt_of_other_rules_is_refused() -> None:
    (valuation,) = valuations(seed=1, count=1)
    kept = receipt(valuation, 0)
    with pytest.raises(DomainError) as refused:
        recompute(replace(valuation.scheme, sha256="other"), [kept])
    assert refused.value.problems[0].code == "receipt_of_another"


def test_a_receipt_names_the_bytes_of_the_scheme() -> None:
    scheme = load_scheme("harlingen")
    lines = contributions_of([{"kenmerk": "A", "bouwblok": "custom"}])
    kept = receipt(value(scheme, lines), 0)
    assert (kept.scheme_id, kept.scheme_sha256) == ("harlingen", scheme.sha256)
    assert kept.inputs == {"kenmerk": "A", "bouwblok": "custom"}
    assert (kept.status, kept.value_cents) == ("needs_judgement", None)
