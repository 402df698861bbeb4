"""What somebody must see to decide on a line: its history, and what a person checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contracts.queries import as_line
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.counterparties import confirmed
from telmee.apps.contributions.evidence import kinds_asked, still_to_show
from telmee.apps.contributions.models import Contribution, Evidence, Sighting
from telmee.apps.contributions.queries import (
    queue,
    queue_of_questions,
    to_come,
    verified_to_come,
)
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.queries import schemes_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.explain import Text
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import CONTRACT, PERSON
from telmee.core.valuation import value
from telmee.core.valuation.checks import checks_of, is_general
from telmee.core.valuation.line import Line

_EARLIER_MAX = 20

_Key = tuple[str, int, date, date, int | None]
#: What is to check follows from the cells of a line, its rules and facts of its contract.
_COUNTED: dict[_Key, int] = {}
_COUNTED_MAX = 50_000


def to_check(lines: Sequence[Contribution]) -> dict[int, int]:
    """Count what a person has to check on each line by itself. Runs two queries at most.

    What holds for every line of a block is not counted: it stands with the scheme. What a line has
    to do with others, such as the clock of a person, shows when it is opened.
    """
    if len(_COUNTED) > _COUNTED_MAX:
        _COUNTED.clear()
    keys = {line.pk: _key(line) for line in lines}
    unknown = defaultdict(list)
    for line in lines:
        if keys[line.pk] not in _COUNTED:
            unknown[line.contract.scheme_id].append(line)
    for scheme_id, scheme in (schemes_of(unknown) if unknown else {}).items():
        _COUNTED.update(_counted(scheme, unknown[scheme_id]))
    return {pk: _COUNTED[key] for pk, key in keys.items()}


def _key(line: Contribution) -> _Key:
    contract = line.contract
    facts = (contract.start, contract.end, contract.obligation_cents)
    return line.fingerprint, contract.scheme_id, *facts


def _counted(scheme: Scheme, lines: list[Contribution]) -> Iterable[tuple[_Key, int]]:
    """Value lines in one batch, each as if it were alone: with a person and contract of its own."""
    rows = [
        as_line(cells_to_value(line), line.contract)
        | {CONTRACT: str(line.pk), PERSON: line.person_id and str(line.pk)}
        for line in lines
    ]
    owed = {
        str(line.pk): line.contract.obligation_cents
        for line in lines
        if line.contract.obligation_cents is not None
    }
    valued = value(scheme, contributions_from(rows), obligations=owed)
    for number, line in enumerate(lines):
        seen = Line.of(valued, number)
        own = () if seen is None else checks_of(seen)
        yield _key(line), sum(1 for check in own if not is_general(check))


def missing_proof(
    lines: Sequence[Contribution], *, takes_a_word: bool = True
) -> dict[int, tuple[Text, ...]]:
    """The proof that nobody added or saw yet, by line; a line that lacks none is left out.

    It is what the scheme asks for; where the scheme asks for nothing, one proof of any kind will
    do, and a line that has none is there without a name of it. A line that its counterparty
    confirmed lacks nothing, unless his word is not taken: a link can be answered by who forwards
    it, and a program cannot judge that. Runs five queries at most.
    """
    ids = [line.pk for line in lines]
    files, seen = defaultdict(list), defaultdict(list)
    for file in Evidence.objects.filter(contribution__in=ids, removed_at__isnull=True):
        files[file.contribution_id].append(file)
    for sighting in Sighting.objects.filter(contribution__in=ids):
        seen[sighting.contribution_id].append(sighting)
    schemes = schemes_of({line.contract.scheme_id for line in lines})
    said = confirmed(lines) if takes_a_word else set()
    missing = {
        line.pk: _missing(schemes[line.contract.scheme_id], line, files[line.pk], seen[line.pk])
        for line in lines
        if line.pk not in said
    }
    return {pk: kinds for pk, kinds in missing.items() if kinds is not None}


def missing_of(
    line: Contribution, scheme: Scheme, files: Sequence[Evidence], seen: Sequence[Sighting]
) -> tuple[Text, ...] | None:
    """The same of one line of which the proof is known; `None` where it lacks none. One query."""
    return None if confirmed([line]) else _missing(scheme, line, files, seen)


def _missing(
    scheme: Scheme, line: Contribution, files: Sequence[Evidence], seen: Sequence[Sighting]
) -> tuple[Text, ...] | None:
    wanted = kinds_asked(scheme, line.block)
    kinds = tuple(still_to_show(wanted, files, seen))
    return kinds if kinds or not (wanted or files or seen) else None


@dataclass(frozen=True, slots=True)
class Facets:
    """By what lines can be chosen, each as far as it occurs, and the ids of all these lines.

    `clients` are names, `contractors` names by id, and `blocks` the keys with their schemes, a
    scheme that was published later after an earlier one.
    """

    lines: Sequence[int]
    clients: frozenset[str]
    contractors: Mapping[int, str]
    blocks: Sequence[tuple[int, str]]


def facets_of_queue(acting: Acting, today: date, *, with_question: bool = False) -> Facets:
    """By what the lines of `queue` can be chosen, or of `queue_of_questions`. Runs one query."""
    rows = _of_questions(acting) if with_question else _waiting(acting, today)
    return Facets(
        lines=[pk for pk, *_rest in rows],
        clients=frozenset(client for _pk, client, *_rest in rows),
        contractors={who: name for _pk, _client, who, name, *_rest in rows},
        blocks=sorted({(scheme, block) for *_rest, scheme, block in rows}),
    )


@prepared
def _waiting(acting: Acting, today: date) -> QuerySet[Contribution, tuple[Any, ...]]:
    return _with_facets(queue(acting, today))


@prepared
def _of_questions(acting: Acting) -> QuerySet[Contribution, tuple[Any, ...]]:
    return _with_facets(queue_of_questions(acting))


def _with_facets(lines: QuerySet[Contribution]) -> QuerySet[Contribution, tuple[Any, ...]]:
    who = ("contract__parties__organisation__name", "organisation_id", "organisation__name")
    of_clients = lines.order_by().filter(contract__parties__role=PartyRole.CLIENT)
    return of_clients.values_list("pk", *who, "contract__scheme_id", "block")


def earlier_lines(acting: Acting, line: Contribution, *, today: date) -> list[Any]:
    """What the same contractor claimed for the same person at this client, latest first.

    Each with what of its amounts is still to come, as `delivered_to_come` and `verified_to_come`.

    A pseudonym means nothing outside the contractor that chose it, so nobody else's lines match.
    """
    if line.person_id is None:
        return []
    client = Party.objects.filter(contract=line.contract_id, role=PartyRole.CLIENT)
    of_client = Party.objects.filter(
        role=PartyRole.CLIENT, organisation__in=client.values("organisation")
    )
    return list(
        Contribution.objects.filter(
            organisation=line.organisation_id,
            person=line.person_id,
            contract__in=contracts_of(acting, *DECIDING_ROLES).filter(
                pk__in=of_client.values("contract")
            ),
        )
        .exclude(pk=line.pk)
        .exclude(state__in=(State.DRAFT, State.WITHDRAWN))
        .select_related("contract")
        .annotate(
            delivered_to_come=to_come("value_cents", "receipt", today),
            verified_to_come=verified_to_come(today),
        )
        .order_by("-begin", "-pk")[:_EARLIER_MAX]
    )
