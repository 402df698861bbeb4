"""Letters of every sort, a house style and a template, by the actions that the pages use.

The worker makes their papers.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from docx import Document

from telmee.apps.agreements.choices import Kind, Outcome
from telmee.apps.agreements.models import Version
from telmee.apps.contracts.access import contract_for, contracts_of, contracts_to_decide
from telmee.apps.contracts.booking import sanction_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.sharing import (
    answer_share,
    left_cents,
    partners_of,
    propose_share,
    shares_now,
)
from telmee.apps.decisions.models import Decision, Question
from telmee.apps.enforcement.actions import Seen, take_step
from telmee.apps.enforcement.letters import ENFORCED_FACTS
from telmee.apps.enforcement.models import Leniency, Step
from telmee.apps.enforcement.queries import prospects
from telmee.apps.letters.actions import send_letter
from telmee.apps.letters.house_styles import Chosen, choose_house_style
from telmee.apps.letters.kinds import FACTS
from telmee.apps.letters.templates import choose_template
from telmee.apps.letters.writing import language_for
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership, User
from telmee.core.enforcement import Step as Rung

_LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" width="240" height="60">
<rect width="60" height="60" rx="8" fill="#154273"/>
<path d="M14 34 l10 10 22 -26" stroke="#ffffff" stroke-width="7" fill="none"/>
<rect x="72" y="12" width="150" height="10" fill="#154273"/>
<rect x="72" y="30" width="110" height="10" fill="#7a8fa8"/></svg>"""
#: So many letters about decisions and about questions, and one about each other thing.
_DECISIONS, _QUESTIONS = 6, 2


def send_some_letters() -> None:
    """Choose a house style and a template for the client of the adviser, and send letters.

    In the name of the adviser, but for a penalty, which is its manager's, and a share, which is
    the contractor's.
    """
    adviser, contractor = _user("adviseur"), _user("opdrachtnemer")
    with acting_as(adviser) as acting:
        client = acting.clients[0].id
        managers = Membership.objects.filter(organisation=client, role=Role.MANAGER)
        manager = managers.values_list("user_id", flat=True).first()
    if manager is not None:
        with acting_as(manager) as acting:
            choose_house_style(acting, client, _STYLE)
            for kind in ("decision", "ladder_penalty"):
                choose_template(acting, client, kind, _template())
            _fine(acting)
    with acting_as(adviser) as acting:
        of_contracts = {"contract__in": contracts_to_decide(acting).values("pk")}
        decided = Decision.objects.filter(**of_contracts).exclude(outcome="reopened")
        questions = Question.objects.filter(**of_contracts)
        steps = Step.objects.filter(**of_contracts, withdrawal=None, needs_second=False)
        _send(acting, "decision", decided.order_by("-decided_at", "-pk")[:_DECISIONS])
        _send(acting, "question", questions.order_by("-pk")[:_QUESTIONS])
        _send(acting, "ladder_leniency", Leniency.objects.filter(**of_contracts)[:1])
        _send(acting, "ladder_signal", steps.filter(kind=Rung.SIGNAL).order_by("-on", "pk")[:1])
        for kind in (Kind.PLAN, Kind.TURNOVER):
            _send(acting, f"agreed_{kind}", _agreed(kind).filter(**of_contracts)[:1])
        _send(acting, "settlement", _agreed(Kind.SETTLEMENT).filter(**of_contracts)[:1])
    _divide(contractor, _user("onderaannemer"))


def _day() -> date:
    """The day of all of it: yesterday, so that today nothing is new."""
    return timezone.localdate() - timedelta(days=1)


def _user(name: str) -> int:
    return User.objects.get(email=f"{name}@telmee.example").pk


def _agreed(kind: Kind) -> QuerySet[Version]:
    rows = Version.objects.filter(agreement__kind=kind, answer__outcome=Outcome.CONFIRMED)
    return rows.order_by("-pk")


def _divide(contractor: int, partner: int) -> None:
    """Let a partner take a part of an obligation over, and confirm that with a letter."""
    with acting_as(partner) as acting:
        own, seen = acting.working, list(contracts_of(acting).values_list("pk", flat=True))
    with acting_as(contractor) as acting:
        whole = contracts_of(acting, PartyRole.CONTRACTOR).filter(pk__in=seen, closed_on=None)
        contract = whole.order_by("-pk").values_list("pk", flat=True).first()
        if contract is None:
            return
        access = contract_for(acting, contract)
        with_whom = next(one for one in partners_of(access) if one.organisation_id in own)
        propose_share(
            access,
            partner_id=with_whom.organisation_id,
            cents=min(5_000_00, left_cents(access, shares_now(access))),
            note="",
            key=uuid5(NAMESPACE_URL, f"share {contract}"),
        )
        version = shares_now(access)[0].version
    with acting_as(partner) as acting:
        answer_share(contract_for(acting, contract), version.pk, agrees=True)
    with acting_as(contractor) as acting:
        _send(acting, "agreed_share", [version], on=timezone.localdate())


def _fine(acting: Acting) -> None:
    """Impose a penalty that is due, as the scheme has it or else of what lacks, with its letter."""
    today = _day()
    due = [
        one
        for one in prospects(acting, today=today)
        if one.is_due and one.next.step is Rung.PENALTY
    ]
    for one in due[:1]:
        pk, behind = one.contract.pk, one.behind_cents(today)
        access = contract_for(acting, pk)
        sanction = sanction_of(access.contract, one.standing.position, on=today)
        step = take_step(
            access,
            Seen(pk, Rung.PENALTY, behind),
            reason="Ook na de ingebrekestelling is de achterstand niet ingehaald.",
            key=uuid5(NAMESPACE_URL, f"penalty {pk}"),
            today=today,
            amount_cents=behind if sanction is None else sanction.amount_cents,
        )
        if not step.needs_second:
            _send(acting, "ladder_penalty", [step])


def _send(
    acting: Acting,
    kind: str,
    rows: Iterable[Decision | Question | Version | Step | Leniency],
    on: date | None = None,
) -> None:
    facts_of = {**FACTS, **ENFORCED_FACTS}[kind]
    for row in rows:
        access = contract_for(acting, row.contract_id or 0)
        try:
            _facts, reader = facts_of(access, row.pk, "nl")
        except Http404:
            continue
        facts, reader = facts_of(access, row.pk, language_for(access, reader))
        send_letter(
            access,
            kind=kind,
            facts=facts,
            reader_id=reader,
            subject_id=row.pk,
            key=uuid5(NAMESPACE_URL, f"{kind} {row.pk}"),
            today=on or _day(),
        )


def _template() -> bytes:
    """A letterhead in Word with the fields of every kind of letter, as a client could make it."""
    document = Document()
    document.add_heading("{{ afzender }}", level=1)
    for words in (
        "{{ adres }}",
        "Aan {{ ontvanger }}",
        "Datum: {{ datum }}. Ons kenmerk: {{ kenmerk }}. Opdracht: {{ opdracht }}",
    ):
        document.add_paragraph(words)
    document.add_heading("{{ titel }}", level=2)
    for words in (
        "{{ aanhef }}",
        "{%p for rij in regels %}",
        "{{ rij.tekst }}",
        "{%p endfor %}",
        "{{ afsluiting }}",
        "{{ ondertekenaar }}",
    ):
        document.add_paragraph(words)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


_STYLE = Chosen(
    address="Team social return\nPostbus 9900\n1201 GM Hilversum\nsocialreturn@hilversum.example",
    prefix="SR",
    legal_basis="Artikel 12 van de overeenkomst",
    objection_days=42,
    objection_text="U kunt ons ook bellen. Dan leggen wij het besluit uit.",
    logo=("logo.svg", _LOGO),
)
