"""The only way to a sample for somebody, and to draw one of a client.

"Not there" and "not yours" look alike: both raise `Http404`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Func, IntegerField, Q, QuerySet
from django.http import Http404

from telmee.apps.contracts.access import contracts_of, parties_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.organisations.acting import Acting
from telmee.apps.trust.models import Lapse, Sample

#: For whom somebody draws: the client itself, who decides for it, and who audits it.
_DRAWING_ROLES = (PartyRole.CLIENT, PartyRole.REGIONAL_TEAM, PartyRole.AUDITOR)


@dataclass(frozen=True, slots=True, order=True)
class Drawing:
    """From whose decisions somebody can draw a sample, and for whom he does."""

    client_name: str
    client_id: int
    drawn_for_id: int


def drawings_for(acting: Acting) -> list[Drawing]:
    """Every client whose decisions somebody may draw from, by name. Runs one query."""
    pairs = _drawing_parties(acting).values_list(
        "contract__parties__organisation__name",
        "contract__parties__organisation",
        "organisation",
    )
    return sorted(Drawing(*pair) for pair in pairs.distinct())


def drawing_for(acting: Acting, client_id: int, drawn_for_id: int) -> Drawing:
    """One of `drawings_for`. Raises `Http404`."""
    for drawing in drawings_for(acting):
        if (drawing.client_id, drawing.drawn_for_id) == (client_id, drawn_for_id):
            return drawing
    raise Http404


def contracts_drawn_from(acting: Acting, drawing: Drawing) -> QuerySet[Contract]:
    """The contracts of a client on which somebody draws: those that he has to do with."""
    mine = _drawing_parties(acting).filter(organisation=drawing.drawn_for_id)
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation=drawing.client_id)
    seen = contracts_of(acting).filter(pk__in=mine.values("contract"))
    return seen.filter(pk__in=clients.values("contract"))


def _drawing_parties(acting: Acting) -> QuerySet[Party]:
    """What somebody works for on contracts, each beside the client of that contract."""
    mine = parties_of(acting).filter(role__in=_DRAWING_ROLES, organisation__in=acting.working)
    client = Q(contract__parties__role=PartyRole.CLIENT)
    return mine.filter(client)


def samples_of(acting: Acting) -> QuerySet[Sample]:
    """The samples that somebody sees: of his client's decisions, and those drawn for him.

    `drawn` is the number of lines that were drawn.
    """
    own = acting.organisations
    count = Func("items", function="jsonb_array_length", output_field=IntegerField())
    seen = Sample.objects.filter(Q(organisation__in=own) | Q(drawn_for__in=own))
    return seen.annotate(drawn=count)


def sample_for(acting: Acting, sample_id: int) -> Sample:
    """One of `samples_of`. Raises `Http404`."""
    sample = samples_of(acting).select_related("organisation", "drawn_for").filter(pk=sample_id)
    for one in sample:
        return one
    raise Http404


def sample_to_review(acting: Acting, sample_id: int) -> Sample:
    """A sample on which somebody says what he found. Raises `Http404`."""
    sample = sample_for(acting, sample_id)
    if reviewing_for(acting, sample) is None:
        raise Http404
    return sample


def reviewing_for(acting: Acting, sample: Sample) -> int | None:
    """The id of the organisation for which somebody reviews a sample; None where he only reads."""
    sides = (sample.drawn_for_id, sample.organisation_id)
    return next((pk for pk in sides if pk in acting.working), None)


def lapse_to_lift(acting: Acting, lapse_id: int) -> Lapse:
    """Trust that is away, for somebody who works for the client. Raises `Http404`."""
    lapses = Lapse.objects.select_related("organisation", "contractor")
    for lapse in lapses.filter(pk=lapse_id, organisation__in=acting.working):
        return lapse
    raise Http404
