"""Do every receipt again, to see that it is whole and still comes to its cents.

Reads all receipts of all contracts, so it asks for the owner's connection: row security would hide
what is wrong elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from telmee.apps.organisations.many import batches
from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import content_of
from telmee.apps.schemes.queries import scheme_of
from telmee.core.errors import Problem
from telmee.core.obligations import ENGINE_VERSION as OBLIGATIONS_VERSION
from telmee.core.obligations.obligation_receipt import recompute_assessment
from telmee.core.receipts import content_hash
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import ENGINE_VERSION
from telmee.core.valuation.line_receipt import Receipt as LineReceipt
from telmee.core.valuation.line_receipt import recompute

_BATCH = 20_000
_Outcomes = list[tuple[str, int | None]]


def check_receipts(using: str = "default") -> Iterator[Problem]:
    """Name every receipt that was altered, and every one that no longer comes to its cents.

    Lines are done again in columns, a batch at a time, by the present engine. A receipt of an older
    engine that comes to something else is told apart: it may be right by the rules of its day.
    """
    rows = Receipt.objects.using(using).order_by("scheme_id", "kind", "id")
    for version_id in rows.values_list("scheme_id", flat=True).distinct().order_by("scheme_id"):
        scheme = scheme_of(version_id)
        for kind, again in _AGAIN.items():
            receipts = rows.filter(scheme_id=version_id, kind=kind).iterator(_BATCH)
            for batch in batches(receipts, _BATCH):
                yield from _check(scheme, batch, again)


def _check(
    scheme: Scheme, batch: list[Receipt], again: Callable[[Scheme, list[Receipt]], _Outcomes]
) -> Iterator[Problem]:
    whole = []
    for receipt in batch:
        if content_hash(content_of(receipt, scheme)) == receipt.hash:
            whole.append(receipt)
        else:
            yield Problem("receipt_altered", params=_facts(receipt))
    whole = [receipt for receipt in whole if receipt.scheme_sha256 == scheme.sha256]
    for receipt, (status, cents) in zip(whole, again(scheme, whole), strict=True):
        if (status, cents) != (receipt.status, receipt.cents):
            code = (
                "receipt_differs" if receipt.engine == _ENGINES[receipt.kind] else "receipt_older"
            )
            params = {"engine": receipt.engine, "again_cents": cents or 0}
            yield Problem(code, params=_facts(receipt) | params)


def _facts(receipt: Receipt) -> dict[str, int]:
    return {"receipt": receipt.pk, "contract": receipt.contract_id, "cents": receipt.cents or 0}


def _lines(scheme: Scheme, receipts: list[Receipt]) -> _Outcomes:
    return recompute(scheme, [_line(scheme, receipt) for receipt in receipts])


def _plans(scheme: Scheme, receipts: list[Receipt]) -> _Outcomes:
    numbers = [receipt.used["number"] for receipt in receipts]
    return [
        (status, None if cents is None else cents * number)
        for (status, cents), number in zip(_lines(scheme, receipts), numbers, strict=True)
    ]


def _line(scheme: Scheme, receipt: Receipt) -> LineReceipt:
    used: Mapping[str, Any] = receipt.used
    return LineReceipt(
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        scheme_sha256=receipt.scheme_sha256,
        engine=receipt.engine,
        inputs=receipt.inputs,
        end=used.get("end"),
        limit_end=used.get("limit_end"),
        withheld=tuple(used.get("withheld", ())),
        taken_off=used.get("taken_off", {}),
        status=receipt.status,
        value_cents=receipt.cents,
    )


def _obligations(scheme: Scheme, receipts: Sequence[Receipt]) -> _Outcomes:
    assessments = [recompute_assessment(scheme, receipt.inputs) for receipt in receipts]
    return [(str(assessed.status), assessed.owed_cents) for assessed in assessments]


def _sanctions(scheme: Scheme, receipts: Sequence[Receipt]) -> _Outcomes:
    outcomes: _Outcomes = []
    for receipt in receipts:
        assessed = recompute_assessment(scheme, receipt.inputs)
        amounts = {sanction.key: sanction.amount_cents for sanction in assessed.sanctions}
        outcomes.append((str(assessed.status), amounts[receipt.used["sanction"]]))
    return outcomes


_AGAIN: Mapping[Kind, Callable[[Scheme, list[Receipt]], _Outcomes]] = {
    Kind.CONTRIBUTION: _lines,
    Kind.PLAN: _plans,
    Kind.OBLIGATION: _obligations,
    Kind.SANCTION: _sanctions,
}
_ENGINES: Mapping[str, int] = {
    Kind.CONTRIBUTION: ENGINE_VERSION,
    Kind.PLAN: ENGINE_VERSION,
    Kind.OBLIGATION: OBLIGATIONS_VERSION,
    Kind.SANCTION: OBLIGATIONS_VERSION,
}
