"""The kinds of letters: which words each has, and its facts in the order in which they are told.

A kind is added here, with its file of words beside this module; docs/guides/letters.md says how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telmee.texts.letters.agreed import (
    agreed_fields,
    plan_blocks,
    settlement_blocks,
    share_blocks,
    turnover_blocks,
)
from telmee.texts.letters.blocks import Block
from telmee.texts.letters.effort import (
    decision_blocks,
    decision_fields,
    question_blocks,
    question_fields,
)
from telmee.texts.letters.enforced import (
    leniency_blocks,
    leniency_fields,
    penalty_blocks,
    sanction_title,
    step_blocks,
    step_fields,
)
from telmee.texts.letters.words import Words

Facts = Mapping[str, Any]


def _reference(facts: Facts, _say: Words) -> Facts:
    return {"reference": facts["reference"]}


def _nothing(_facts: Facts, _say: Words) -> Facts:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of letter: what it says, what its title names, and how one can object to it, if so.

    `objection` is the code of that in the words of every letter. `fields` are its facts in words
    for somebody's own template, beside those of every letter.
    """

    blocks: Callable[[Facts, Words], list[Block]]
    title_facts: Callable[[Facts, Words], Facts]
    fields: Callable[[Facts, Words], dict[str, str]]
    objection: str = ""


#: By the name that a letter has for its kind, which is that of its file of words.
KINDS: Mapping[str, Kind] = {
    "decision": Kind(decision_blocks, _reference, decision_fields, objection="objection"),
    "question": Kind(question_blocks, _reference, question_fields),
    "agreed_plan": Kind(plan_blocks, _nothing, agreed_fields),
    "agreed_turnover": Kind(turnover_blocks, _nothing, agreed_fields),
    "agreed_share": Kind(share_blocks, _nothing, agreed_fields),
    "settlement": Kind(settlement_blocks, _nothing, agreed_fields),
    "ladder_reminder": Kind(step_blocks, _nothing, step_fields),
    "ladder_signal": Kind(step_blocks, _nothing, step_fields),
    "ladder_default": Kind(step_blocks, _nothing, step_fields),
    "ladder_penalty": Kind(
        penalty_blocks, sanction_title, step_fields, objection="objection_written"
    ),
    "ladder_leniency": Kind(leniency_blocks, _nothing, leniency_fields),
}
