"""The letters that confirm what two sides agreed: a plan, turnover, a share, a settlement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telmee.texts.letters.blocks import Block, heading, strong, table, terms, text
from telmee.texts.letters.enforced import sanction_word
from telmee.texts.letters.words import Words

Facts = Mapping[str, Any]


def plan_blocks(facts: Facts, say: Words) -> list[Block]:
    """What was promised: each line of the plan with its value."""
    return [
        strong(say("promised", cents=facts["promised_cents"])),
        text(say("agreed", **_days(facts, say))),
        heading(say("plan")),
        table(
            say("lines"),
            (say("block"), say("period"), say("number"), say("value")),
            [
                (
                    line["block"],
                    say.period(line["begin"], line["end"]),
                    str(line["number"]),
                    say("judged")
                    if line["value_cents"] is None
                    else say.euros(line["value_cents"]),
                )
                for line in facts["lines"]
            ],
            amounts=2,
            total=(say("together"), "", "", say.euros(facts["promised_cents"])),
        ),
        heading(say("next")),
        text(say("deliver")),
    ]


def turnover_blocks(facts: Facts, say: Words) -> list[Block]:
    """What was invoiced in a period, on which the obligation is reckoned."""
    period = say.period(facts["begin"], facts["end"])
    blocks = [
        strong(say("turnover", cents=facts["turnover_cents"], period=period)),
        text(say("agreed", **_days(facts, say))),
        terms(((say("period"), period), (say("note"), facts["note"]))),
        heading(say("next")),
        text(say("follows")),
    ]
    return [block for block in blocks if block.get("rows") != []]


def share_blocks(facts: Facts, say: Words) -> list[Block]:
    """Which part of the obligation of its sender the reader takes over."""
    cents, note = facts["cents"], facts["note"]
    return [
        strong(say("share", cents=cents) if cents else say("ended")),
        text(say("agreed", **_days(facts, say))),
        *([terms(((say("note"), note),))] if note else []),
        heading(say("next")),
        *([text(say("follows"))] if cents else []),
        text(say("whole")),
    ]


def settlement_blocks(facts: Facts, say: Words) -> list[Block]:
    """What a contract comes to: what was owed, what counts, and what is left."""
    open_, surplus = facts["open_cents"], facts["surplus_cents"]
    if open_:
        result = say("open", cents=open_)
    else:
        result = say("surplus", cents=surplus) if surplus else say("even")

    def rows(*sums: tuple[str, int]) -> list[tuple[str, str]]:
        return [(say(code), say.euros(cents)) for code, cents in sums if cents]

    owed = rows(
        ("imposed", facts["obligation_cents"] - facts["reduced_cents"]),
        ("waived", -facts["waived_cents"]),
    )
    counts = rows(
        ("verified", facts["realised_cents"]),
        ("carried_in", facts["carried_in_cents"]),
        ("pooled", facts["pooled_cents"]),
        ("carried_out", -facts["carried_out_cents"]),
    )
    columns = (say("part"), say("amount"))
    blocks = [
        strong(result),
        text(say("agreed", **_days(facts, say))),
        heading(say("comes_to")),
        table(
            say("owed_table"),
            columns,
            owed,
            total=(say("owed"), say.euros(facts["owed_cents"])),
        ),
        table(
            say("counts_table"),
            columns,
            counts,
            total=(say("counts"), say.euros(facts["met_cents"])),
        ),
    ]
    if facts["penalty_cents"]:
        words = {"sanction": sanction_word(facts, say), "cents": facts["penalty_cents"]}
        blocks.append(text(say("penalty", **words)))
    frozen = {"as_of": say.day(facts["as_of"]), "entries": facts["entries"], "hash": facts["hash"]}
    return [
        *blocks,
        heading(say("closed_heading")),
        text(say("closed", closes=say.day(facts["closes_on"]))),
        text(say("frozen", **frozen)),
    ]


def agreed_fields(facts: Facts, say: Words) -> dict[str, str]:
    """When the two agreed, for somebody's own template."""
    return {"voorgesteld": say.day(facts["proposed"]), "afgesproken": say.day(facts["agreed"])}


def _days(facts: Facts, say: Words) -> dict[str, str]:
    return {"proposed": say.day(facts["proposed"]), "agreed": say.day(facts["agreed"])}
