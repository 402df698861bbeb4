"""The letters about a line of effort: what was decided, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telmee.texts.letters.blocks import Block, heading, quote, steps, strong, table, terms, text
from telmee.texts.letters.words import Words

Facts = Mapping[str, Any]


def decision_blocks(facts: Facts, say: Words) -> list[Block]:
    """What was decided, on what, why, and how the amount comes about."""
    cents = facts["counts_cents"]
    blocks = [
        strong(decided_words(facts, say)),
        text(
            say("about", submitted=say.day(facts["submitted"]), decided=say.day(facts["decided"]))
        ),
        heading(say("line")),
        terms(
            (
                *_line(facts, say),
                (say("delivered"), _euros(facts["delivered_cents"], say)),
                (say("counts"), say.euros(cents)),
            )
        ),
    ]
    if facts["why"] or facts["text"]:
        blocks += [
            heading(say("why")),
            terms(((say("ruling"), facts["ruling"]), (say("reason"), facts["why"]))),
        ]
        blocks += [quote(facts["text"])] if facts["text"] else []
    return [*blocks, *_story(facts, say)]


def decided_words(facts: Facts, say: Words) -> str:
    """What was decided, in one sentence."""
    return say(
        facts["outcome"],
        cents=facts["counts_cents"],
        delivered_cents=facts["delivered_cents"] or 0,
        until=say.day(facts["until"]),
    )


def _story(facts: Facts, say: Words) -> list[Block]:
    """How the amount comes about: its sum, and each step with the rule that it follows."""
    if not facts["sum"] and not facts["steps"]:
        return []
    blocks = [heading(say("how"))]
    if facts["sum"]:
        *rows, last = facts["sum"]
        blocks.append(
            table(
                say("how_sum"),
                (say("step"), say("amount")),
                rows or facts["sum"],
                total=last if rows else (),
            )
        )
    blocks += [steps(facts["steps"])] if facts["steps"] else []
    if facts["named_cents"] is not None:
        rules = facts["rules_cents"] or 0
        blocks.append(text(say("named", rules_cents=rules, cents=facts["named_cents"])))
    elif facts["until"] and facts["rules_cents"] is not None:
        blocks.append(
            text(say("part", whole_cents=facts["rules_cents"], until=say.day(facts["until"])))
        )
    return [*blocks, text(say("rules", scheme=facts["scheme"]))]


def decision_fields(facts: Facts, say: Words) -> dict[str, str]:
    """The facts of a decision for somebody's own template, each by its name there."""
    return {
        **_line_fields(facts, say),
        "besluit": decided_words(facts, say),
        "telt_mee": say.euros(facts["counts_cents"]),
        "opgegeven": _euros(facts["delivered_cents"], say),
        "reden": facts["why"],
        "toelichting": facts["text"],
    }


def question_fields(facts: Facts, say: Words) -> dict[str, str]:
    """The facts of a question for somebody's own template, each by its name there."""
    return {
        **_line_fields(facts, say),
        "vraag": facts["text"],
        "uiterlijk": say.day(facts["due"]),
    }


def _line_fields(facts: Facts, say: Words) -> dict[str, str]:
    return {
        "inspanning": facts["reference"],
        "bouwblok": facts["block"],
        "periode": say.period(facts["begin"], facts["end"]),
    }


def question_blocks(facts: Facts, say: Words) -> list[Block]:
    """What is asked, about what, and by when."""
    cents, known = facts["delivered_cents"], {"reference": facts["reference"]}
    about = say("about_no_value", **known) if cents is None else say("about", cents=cents, **known)
    return [
        text(about),
        heading(say("question")),
        quote(facts["text"]),
        heading(say("line")),
        terms(_line(facts, say)),
        heading(say("answer")),
        text(say("until", due=say.day(facts["due"]))),
    ]


def _line(facts: Facts, say: Words) -> tuple[tuple[str, str], ...]:
    return (
        (say("block"), facts["block"]),
        (say("period"), say.period(facts["begin"], facts["end"])),
    )


def _euros(cents: int | None, say: Words) -> str:
    return "" if cents is None else say.euros(cents)
