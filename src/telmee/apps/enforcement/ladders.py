"""The ladder of a client: set it as the next version, and the terms that hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from telmee.apps.audit.actions import record
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.enforcement.models import Ladder
from telmee.apps.organisations.acting import Acting, Own
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before
from telmee.core.enforcement import Step, StepTerms, Terms
from telmee.core.errors import DomainError
from telmee.core.free_text import reason_problems


def enforcing_for(acting: Acting) -> list[Own]:
    """One's own organisations that are a client of contracts: a regional team has no ladder."""
    own = {one.id: one for one in acting.own if one.is_client}
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation__in=list(own))
    return [own[pk] for pk in own if pk in set(clients.values_list("organisation", flat=True))]


def ladders_set(client_id: int) -> QuerySet[Ladder]:
    """The versions of the ladder of a client, the latest first."""
    return Ladder.objects.filter(organisation=client_id).order_by("-number")


def ladders_in_force(client_ids: Iterable[int] | None = None) -> dict[int, Ladder]:
    """The ladders that are on, by client; of these clients, or of all that one sees."""
    rows = Ladder.objects.order_by("organisation", "-number").distinct("organisation")
    if client_ids is not None:
        rows = rows.filter(organisation__in=client_ids)
    return {row.organisation_id: row for row in rows if row.is_on}


def terms_of(ladder: Ladder) -> Terms:
    """What a version of a ladder says."""
    return Terms(
        steps=tuple(_rung(row) for row in ladder.steps),
        behind_bp=ladder.behind_bp,
        least_cents=ladder.least_cents,
        after_end_days=ladder.after_end_days,
        effect_weeks=ladder.effect_weeks,
    )


def _rung(row: Mapping[str, Any]) -> StepTerms:
    return StepTerms(Step(row["step"]), row["days"], row["by_manager"], row["second_from_cents"])


@transaction.atomic
def set_ladder(
    acting: Acting, client: Organisation, terms: Terms, *, is_on: bool, reason: str, key: UUID
) -> Ladder:
    """Let the ladder of a client be this from now on; the same `key` twice sets it once.

    Only who manages the client sets it; the database holds this as well. Steps that were taken
    keep the version by which they were. Raises what `Terms.problems` and a reason say.
    """
    faults = [*terms.problems(), *reason_problems(reason)]
    if faults:
        raise DomainError(faults)
    known = done_before(key, Ladder.objects.filter(key=key, organisation=client))
    if known is not None:
        return known
    ladder = Ladder.objects.create(
        organisation=client,
        is_on=is_on,
        steps=[
            {
                "step": str(rung.step),
                "days": rung.days,
                "by_manager": rung.by_manager,
                "second_from_cents": rung.second_from_cents,
            }
            for rung in terms.steps
        ],
        behind_bp=terms.behind_bp,
        least_cents=terms.least_cents,
        after_end_days=terms.after_end_days,
        effect_weeks=terms.effect_weeks,
        reason=reason.strip(),
        key=key,
        user_id=acting.user_id,
    )
    ladder.refresh_from_db(fields=["number"])
    record(
        acting,
        "organisation.ladder_set" if is_on else "organisation.ladder_off",
        client,
        organisation_id=client.pk,
        reason=reason,
        details={"version": ladder.number},
    )
    return ladder
