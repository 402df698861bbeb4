"""The facts of letters that confirm what two sides agreed: a plan, turnover, a share, a settlement.

What a partner takes over is between the contractor and him: a client does not see it, so the
contractor confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone

from telmee.apps.agreements.choices import Kind, Outcome
from telmee.apps.agreements.models import Answer, Resolution, Version
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.chains import rules_on
from telmee.apps.contracts.turnover import period_kind
from telmee.apps.schemes.queries import rules_of
from telmee.apps.settlements.models import Statement
from telmee.core.obligations.sanctions import sanction_kind
from telmee.core.obligations.turnover import TurnoverPeriod
from telmee.texts import Language

Facts = Mapping[str, Any]


def plan_facts(access: ContractAccess, version_id: int, language: Language) -> tuple[Facts, int]:
    """A plan on which both agreed, and whose it is. Raises `Http404`."""
    version, answer = _agreed(access, version_id, Kind.PLAN)
    labels = {block.key: block.label for block in rules_of(access.contract.scheme).blocks}
    lines = version.plan_lines.order_by("begin", "line", "pk")
    rows = [
        {
            "block": labels[line.block].in_language(language)
            if line.block in labels
            else line.block,
            "begin": line.begin.isoformat(),
            "end": None if line.end is None else line.end.isoformat(),
            "number": line.number,
            "value_cents": line.value_cents,
        }
        for line in lines
    ]
    facts = {
        **_of(version, answer),
        "lines": rows,
        "promised_cents": sum(line.value_cents or 0 for line in lines),
    }
    return facts, version.agreement.organisation_id


def turnover_facts(
    access: ContractAccess, version_id: int, language: Language
) -> tuple[Facts, int]:
    """The turnover of a period on which both agreed, and the other side. Raises `Http404`."""
    del language
    version, answer = _agreed(access, version_id, Kind.TURNOVER)
    first = version.agreement.period or date.min
    period = TurnoverPeriod.starting(first, period_kind(access.contract))
    facts = {
        **_of(version, answer),
        "begin": period.first.isoformat(),
        "end": period.last.isoformat(),
        "turnover_cents": version.turnover.cents,
        "note": version.turnover.note,
    }
    return facts, _other_side(access, version)


def share_facts(access: ContractAccess, version_id: int, language: Language) -> tuple[Facts, int]:
    """A part on which a contractor and a partner agreed, and the partner. Raises `Http404`.

    What was agreed with who carried the contract out before is not his to confirm.
    """
    del language
    version, answer = _agreed(access, version_id, Kind.SHARE)
    contractor = access.contractor
    if contractor is None or version.agreement.organisation_id != contractor.organisation_id:
        raise Http404
    share = version.share
    facts = {**_of(version, answer), "cents": share.cents, "note": share.note}
    return facts, version.agreement.other_id


def settlement_facts(
    access: ContractAccess, version_id: int, language: Language
) -> tuple[Facts, int]:
    """What a contract came to, as both agreed, and with whom. Raises `Http404`."""
    del language
    version, answer = _agreed(access, version_id, Kind.SETTLEMENT)
    statement = Statement.objects.get(version=version)
    position, day = statement.position, timezone.localdate(statement.as_of)
    facts = {
        **_of(version, answer),
        **asdict(position),
        "owed_cents": position.owed_cents,
        "met_cents": position.met_cents,
        "open_cents": position.open_cents,
        "sanction": sanction_kind(rules_on(access.contract, [day])[day]),
        "surplus_cents": position.surplus_cents,
        "closes_on": statement.closes_on.isoformat() if statement.closes_on else None,
        "as_of": day.isoformat(),
        "entries": statement.entries,
        "hash": statement.hash,
    }
    return facts, _other_side(access, version)


def _agreed(
    access: ContractAccess, version_id: int, kind: Kind
) -> tuple[Version, Answer | Resolution]:
    """A version on which both sides agreed, at once or after a dispute, and their last word."""
    rows = Version.objects.filter(pk=version_id, contract=access.contract, agreement__kind=kind)
    version = rows.select_related("agreement", "answer", "resolution").first()
    last = getattr(version, "resolution", None) or getattr(version, "answer", None)
    if version is None or last is None or last.outcome != Outcome.CONFIRMED:
        raise Http404
    return version, last


def _of(version: Version, answer: Answer | Resolution) -> dict[str, Any]:
    return {
        "version": version.number,
        "proposed": timezone.localdate(version.proposed_at).isoformat(),
        "agreed": timezone.localdate(answer.answered_at).isoformat(),
    }


def _other_side(access: ContractAccess, version: Version) -> int:
    """The side of an agreement that is not the client's."""
    sides = {version.agreement.organisation_id, version.agreement.other_id}
    client = {access.client.organisation_id} if access.client is not None else set()
    return min(sides - client)
