"""Which rules hold for a contract, and what it owes by them: asked of the same rules as a page."""

from __future__ import annotations

from datetime import date, timedelta

from telmee.apps.contracts.choices import Form, NoObligation
from telmee.apps.schemes.models import SchemeVersion
from telmee.apps.schemes.queries import families, schemes_of
from telmee.core.errors import DomainError
from telmee.core.obligations import Assessment, Category, Contract, Status, assess, holiday_years
from telmee.core.obligations.clients import same_client
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import in_force
from telmee.demo.agreements import Agreement
from telmee.integrations.holidays_nl import public_holidays

#: Where a client's own scheme does not reach back to the contract.
_BEFORE = "harlingen"
_TENDER_DAYS, _AWARD_DAYS = 150, 45
_PERCENT = 5
_WHY_NONE = {
    NoObligation.LITTLE_LABOUR: "Alleen levering; er zit bijna geen arbeid in de opdracht.",
    NoObligation.TOO_SHORT: "De opdracht duurt acht weken; te kort om iemand te begeleiden.",
    NoObligation.MARKET: "Er zijn twee aanbieders en beide zijn eenmanszaken.",
    NoObligation.OTHER: "Besluit van het college: de subsidie is al voor deze doelgroep.",
    NoObligation.BELOW_THRESHOLD: "De waarde ligt onder de drempel van de regeling.",
}


class Imposing:
    """Knows every published version, and reads each once."""

    def __init__(self) -> None:
        self._families = families()
        rows = [row for family in self._families.values() for row in family]
        self._schemes = schemes_of(row.pk for row in rows if row.has_amounts)

    def version(self, agreement: Agreement) -> tuple[int, Scheme]:
        """The version that the contract's own date selects, with its id; it has amounts."""
        for family in (agreement.client.scheme, _BEFORE):
            rows = [row for row in self._families[family] if row.has_amounts]
            try:
                return self._in_force(rows, agreement)
            except DomainError:  # too early for a scheme that came later
                continue
        raise LookupError(agreement.client.scheme)

    def _in_force(self, rows: list[SchemeVersion], agreement: Agreement) -> tuple[int, Scheme]:
        published, awarded = _moments(agreement)
        known = {row.pk: self._schemes[row.pk] for row in reversed(rows)}
        newest = next(iter(known.values()))
        moments = {"award": awarded, "contract": agreement.start}
        current = in_force(known.values(), moments.get(newest.selected_by or "", published))
        return next(pk for pk, scheme in known.items() if scheme is current), current

    def impose(
        self, agreement: Agreement, due_cents: int, day: date
    ) -> tuple[Assessment | None, dict[str, object]]:
        """What a contract owes by the rules, if anything, and the facts that say why."""
        published, awarded = _moments(agreement)
        due = round(due_cents / 500_00) * 500_00 or 500_00
        value = due * 100 // _PERCENT
        facts: dict[str, object] = {
            "published_on": published,
            "awarded_on": awarded if awarded <= day else None,
            "value_cents": value,
            "labour_share_bp": 55_00,
        }
        if agreement.form == Form.FRAMEWORK:
            return None, facts
        if agreement.no_obligation is not None:
            reason = _WHY_NONE[agreement.no_obligation]
            value = 90_000_00 if agreement.no_obligation == NoObligation.BELOW_THRESHOLD else value
            why = {"no_obligation": str(agreement.no_obligation), "no_obligation_reason": reason}
            return None, facts | why | {"value_cents": value}
        assessment, reason = self._assessed(agreement, value, due)
        return assessment, facts | {
            "obligation_cents": assessment.owed_cents,
            "agreed_cents": assessment.contract.agreed_cents,
            "rules_client": assessment.contract.client or "",
            "percentage_reason": reason,
        }

    def _assessed(
        self, agreement: Agreement, value_cents: int, due_cents: int
    ) -> tuple[Assessment, str]:
        """Ask the rules; where they leave it open, the parties agreed on an amount."""
        _, scheme = self.version(agreement)
        assessment = _assess(scheme, agreement, value_cents, None)
        if assessment.status is Status.OWED and assessment.owed_cents:
            return assessment, ""
        agreed = _assess(scheme, agreement, value_cents, due_cents)
        return agreed, "5% van de opdrachtsom, zoals in het bestek staat."


def _assess(
    scheme: Scheme, agreement: Agreement, value_cents: int, agreed_cents: int | None
) -> Assessment:
    published, awarded = _moments(agreement)
    contract = Contract(
        category=Category(agreement.category),
        value_cents=value_cents,
        labour_share_bp=55_00,
        start=agreement.start,
        end=agreement.end,
        bid=published,
        award=awarded,
        client=same_client(scheme, agreement.client.name) or scheme.obligation.default_client,
        agreed_cents=agreed_cents,
    )
    return assess(scheme, contract, holidays=public_holidays(holiday_years(scheme, contract)))


def _moments(agreement: Agreement) -> tuple[date, date]:
    """The days on which a contract was published and awarded, counted back from its start."""
    tender, award = timedelta(days=_TENDER_DAYS), timedelta(days=_AWARD_DAYS)
    return agreement.start - tender, agreement.start - award
