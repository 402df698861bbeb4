"""Where the facts of a kind of letter come from, for the kinds of which the subject is known here.

A room above this one that has a kind of its own hands over its facts itself: see
`telmee.apps.letters.actions.send_letter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.letters.agreed import plan_facts, settlement_facts, share_facts, turnover_facts
from telmee.apps.letters.effort import Facts, decision_facts, question_facts
from telmee.texts import Language

#: A contract, the id of what the letter is about and a language in; the facts and the reader out.
FactsOf = Callable[[ContractAccess, int, Language], tuple[Facts, int]]

FACTS: Mapping[str, FactsOf] = {
    "decision": decision_facts,
    "question": question_facts,
    "agreed_plan": plan_facts,
    "agreed_turnover": turnover_facts,
    "agreed_share": share_facts,
    "settlement": settlement_facts,
}
