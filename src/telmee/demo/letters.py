"""A house style and some letters, sent by the actions that the pages use: the worker makes them."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from telmee.apps.contracts.access import contract_for, contracts_to_decide
from telmee.apps.decisions.models import Decision, Question
from telmee.apps.letters.actions import send_letter
from telmee.apps.letters.house_styles import Chosen, choose_house_style
from telmee.apps.letters.kinds import FACTS
from telmee.apps.letters.writing import language_for
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership, User

_LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" width="240" height="60">
<rect width="60" height="60" rx="8" fill="#154273"/>
<path d="M14 34 l10 10 22 -26" stroke="#ffffff" stroke-width="7" fill="none"/>
<rect x="72" y="12" width="150" height="10" fill="#154273"/>
<rect x="72" y="30" width="110" height="10" fill="#7a8fa8"/></svg>"""
#: So many letters about decisions and about questions.
_DECISIONS, _QUESTIONS = 6, 2


def send_some_letters() -> None:
    """Choose a house style for the client of the adviser, and send letters in his name."""
    user = User.objects.get(email="adviseur@telmee.example")
    with acting_as(user.pk) as acting:
        client = acting.clients[0].id
    managers = Membership.objects.filter(organisation=client, role=Role.MANAGER)
    with acting_as(user.pk):
        manager = managers.values_list("user_id", flat=True).first()
    if manager is not None:
        with acting_as(manager) as acting:
            choose_house_style(acting, client, _STYLE)
    with acting_as(user.pk) as acting:
        contracts = contracts_to_decide(acting).values("pk")
        of_contracts = {"contract__in": contracts}
        decided = Decision.objects.filter(**of_contracts).exclude(outcome="reopened")
        questions = Question.objects.filter(**of_contracts)
        for kind, rows in (
            ("decision", decided.order_by("-decided_at", "-pk")[:_DECISIONS]),
            ("question", questions.order_by("-pk")[:_QUESTIONS]),
        ):
            for row in rows:
                _send(acting, kind, row.contract_id, row.pk)


def _send(acting: Acting, kind: str, contract_id: int, subject: int) -> None:
    access = contract_for(acting, contract_id)
    _facts, reader = FACTS[kind](access, subject, "nl")
    facts, reader = FACTS[kind](access, subject, language_for(access, reader))
    send_letter(
        access,
        kind=kind,
        facts=facts,
        reader_id=reader,
        subject_id=subject,
        key=uuid5(NAMESPACE_URL, f"{kind} {subject}"),
        today=timezone.localdate() - timedelta(days=1),
    )


_STYLE = Chosen(
    address="Team social return\nPostbus 9900\n1201 GM Hilversum\nsocialreturn@hilversum.example",
    prefix="SR",
    legal_basis="Artikel 12 van de overeenkomst",
    objection_days=42,
    objection_text="U kunt ons ook bellen. Dan leggen wij het besluit uit.",
    logo=("logo.svg", _LOGO),
)
