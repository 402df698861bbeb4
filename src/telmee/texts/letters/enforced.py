"""The letters of enforcement: those of the steps of the ladder, and of leniency.

Each says every figure that it rests on, so that who reads it can do the sum again by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from telmee.texts.catalogue import phrase
from telmee.texts.formats import number
from telmee.texts.letters.blocks import Block, heading, quote, strong, table, terms, text
from telmee.texts.letters.words import Words

Facts = Mapping[str, Any]


def step_blocks(facts: Facts, say: Words) -> list[Block]:
    """How much a contract is behind and since when, on which figures, and until when there is."""
    return [
        strong(say("behind", cents=facts["behind_cents"], since=say.day(facts["late_since"]))),
        quote(facts["reason"]),
        heading(say("sum")),
        text(say("pace", passed=facts["passed"], days=facts["days"])),
        _table(
            say,
            ("owed", facts["owed_cents"]),
            ("due", facts["due_cents"]),
            ("done", facts["done_cents"]),
            total=("lacking", facts["behind_cents"]),
        ),
        *_term(facts, say),
    ]


def penalty_blocks(facts: Facts, say: Words) -> list[Block]:
    """What a penalty is, from what was not done and the factor of the scheme."""
    owed, base = facts["owed_cents"], facts["base_cents"]
    blocks = [
        strong(say(f"penalty_{facts['sanction']}", cents=facts["amount_cents"])),
        quote(facts["reason"]),
        heading(say("sum")),
        _table(
            say,
            ("owed", owed),
            ("verified", owed - base),
            total=("not_done", base),
        ),
    ]
    if facts["factor"]:
        rules = facts["rules_cents"]
        factor = number(Fraction(facts["factor"]), say.language)
        blocks.append(text(say("factor", base_cents=base, factor=factor, cents=rules)))
    if facts["amount_cents"] != facts["rules_cents"]:
        blocks.append(
            text(say("named", sanction=sanction_word(facts, say), cents=facts["amount_cents"]))
        )
    return [
        *blocks,
        text(say("scheme", scheme=facts["scheme"])),
        *_term(facts, say, f"until_{facts['sanction']}"),
    ]


def sanction_title(facts: Facts, say: Words) -> Facts:
    """What the scheme calls what follows, as a title begins with it."""
    return {"sanction": phrase(f"obligation.kind.{facts.get('sanction', 'fine')}", say.language)}


def leniency_blocks(facts: Facts, say: Words) -> list[Block]:
    """What a client lets go of, on what ground, and what that does to what is owed."""
    cents, has_days = facts["cents"], facts["first"] is not None
    blocks = []
    if has_days:
        days = {name: say.day(facts[name]) for name in ("first", "last")}
        blocks.append(strong(say("days", **days)))
    if cents:
        blocks.append(strong(say("euros", cents=cents)))
    if facts["of_all"]:
        blocks.append(text(say("of_all")))
    if facts["ended"]:
        blocks.append(text(say("ended", ended=say.day(facts["ended"]), why=facts["ended_why"])))
    granted = say.day(facts["granted"])
    blocks += [
        heading(say("details")),
        terms(((say("ground"), facts["ground"]), (say("granted"), granted))),
        quote(facts["reason"]),
    ]
    if cents:
        before = facts["owed_before_cents"]
        rows = (("before", before), ("let_go", -cents))
        blocks += [heading(say("sum")), _table(say, *rows, total=("after", before - cents))]
    blocks.append(heading(say("next")))
    if has_days:
        blocks.append(text(say("pace")))
    if cents:
        blocks.append(text(say("less")))
    return blocks


def leniency_fields(facts: Facts, say: Words) -> dict[str, str]:
    """The facts of leniency for somebody's own template."""
    return {
        "coulance_van": say.day(facts["first"]),
        "coulance_tot_en_met": say.day(facts["last"]),
        "kwijtgescholden": say.euros(facts["cents"]) if facts["cents"] else "",
        "grond": facts["ground"],
        "toelichting": facts["reason"],
    }


def step_fields(facts: Facts, say: Words) -> dict[str, str]:
    """The facts of a step for somebody's own template, each by its name there."""
    return {
        "achterstand": say.euros(facts["behind_cents"]),
        "boete": say.euros(facts["amount_cents"]) if facts["amount_cents"] else "",
        "sanctie": sanction_word(facts, say),
        "uiterlijk": say.day(facts["until"]),
        "toelichting": facts["reason"],
    }


def sanction_word(facts: Facts, say: Words) -> str:
    """What follows by the scheme, within a sentence."""
    return str(sanction_title(facts, say)["sanction"]).lower()


def _term(facts: Facts, say: Words, code: str = "until") -> Iterator[Block]:
    """Until when there is, from which day that counts, and whether leniency made it later."""
    counts, until = (date.fromisoformat(facts[name]) for name in ("counts_from", "until"))
    given = facts["given_days"]
    yield heading(say("next"))
    sanction = sanction_word(facts, say)
    yield text(say(code, until=until, given=given, counts=counts, sanction=sanction))
    if (until - counts).days != given:
        yield text(say("paused"))


def _table(say: Words, *rows: tuple[str, int], total: tuple[str, int]) -> Block:
    return table(
        say("table"),
        (say("part"), say("amount")),
        [(say(code), say.euros(cents)) for code, cents in rows],
        total=(say(total[0]), say.euros(total[1])),
    )
