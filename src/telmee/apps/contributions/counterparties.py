"""Ask somebody outside about a line, by a link without an account that works once.

A social enterprise confirms a purchase; a school or an employer's desk confirms a start. The link
goes by mail where there is a work address. A school or desk does not know a pseudonym: who asks
forwards the link himself, and names the person outside the product. Whoever has a link sees the
facts of its line and nothing else. Whatever is the matter with a link, it comes to the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess, holding, parties_of
from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.contributions.actions import locked
from telmee.apps.contributions.choices import CONFIRMED_STATES, LINK_DAYS
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution, CounterpartyAnswer, CounterpartyLink
from telmee.apps.contributions.recording import record_on_line
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.access import account_for, hash_of
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import how_many, listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.turns import done_before
from telmee.apps.schemes.queries import rules_of, schemes_of
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import EMAIL, NAME, PERSON_NAME, reason_problems, require_none
from telmee.core.schemes.model import Block, Scheme
from telmee.core.valuation.asks import SEEN_NOT_KEPT

_TOKEN_BYTES = 32
#: Nobody is mailed about one line more often.
_LINKS_A_DAY = 5
#: What somebody outside can confirm: a purchase, or that somebody began.
_PURCHASE = "social_procurement"
_ASKED_ABOUT = SEEN_NOT_KEPT | {_PURCHASE}


@dataclass(frozen=True, slots=True)
class Facts:
    """What who has a link sees of its line.

    Of a purchase the building block has a name. Of a start it has only a `category`: the block may
    tell a benefit, which is for the two parties of the line.
    """

    contractor: str
    who: str
    language: str
    category: str
    block: Block | None
    first: date | None
    last: date | None
    weekly_hours: int | None
    hours: int | None
    amount_cents: int | None
    pieces: int | None
    supplier: str


def may_ask(access: ContractAccess, line: Contribution) -> bool:
    """Whether somebody can ask a counterparty about a line now."""
    works = access.works_for(line.organisation_id) or access.may_decide
    stands = access.is_open and line.state in CONFIRMED_STATES
    return works and stands and _category(rules_of(access.contract.scheme), line) in _ASKED_ABOUT


def is_purchase(access: ContractAccess, line: Contribution) -> bool:
    """Whether a line is bought, so that its supplier is asked, and by mail."""
    return _category(rules_of(access.contract.scheme), line) == _PURCHASE


@holding()
def ask_counterparty(
    access: ContractAccess,
    line: Contribution,
    *,
    who: str,
    key: UUID,
    address: str = "",
    language: str = "nl",
    version: int | None = None,
) -> str:
    """Make a link by which `who` confirms a line, and give its token, which is kept nowhere.

    With an `address`, of a purchase, the product mails the link. It makes a former link of the line
    void. The same `key` twice makes one link; the second time there is no token to give. Raises
    `not_allowed`, `contract_closed`, `wrong_state`, `counterparty_not_asked`, `counterparty_own`,
    `counterparty_no_mail`, `counterparty_often`, `changed_meanwhile` and what refuses a text.
    """
    require_none([*NAME.problems("wie", who), *EMAIL.problems("adres", address)])
    row = locked(line, version)
    by = _asking_for(access, row)
    _require_askable(access, row, who, address)
    links = row.counterparty_links.all()
    if done_before(key, links.filter(key=key)) is not None:
        return ""
    if links.filter(asked_at__gt=timezone.now() - timedelta(days=1)).count() >= _LINKS_A_DAY:
        raise DomainError(Problem("counterparty_often", params={"maximum": _LINKS_A_DAY}))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link = CounterpartyLink.objects.create(
        contribution=row,
        contract_id=row.contract_id,
        organisation_id=by,
        who=who.strip(),
        address=address.strip().lower(),
        language=language,
        fingerprint=row.fingerprint,
        token_hash=hash_of(hash_of(token)),  # what opens the link is not kept
        key=key,
        expires_at=timezone.now() + timedelta(days=LINK_DAYS),
        asked_by_id=access.acting.user_id,
    )
    details = {"link": link.pk, "who": link.who, "mailed": bool(link.address)}
    record_on_line(access, "contribution.counterparty_asked", row, by, details=details)
    if link.address:
        write_notice(
            "counterparty_asked",
            Reader(language=language, address=link.address),
            event=f"link {link.pk}",
            facts={
                "by": row.organisation.name,
                "who": link.who,
                "link": link.pk,
                "until_on": timezone.localdate(link.expires_at).isoformat(),
            },
            link=address_of(token),
            until=link.expires_at,
        )
    return token


@holding()
def withdraw_link(access: ContractAccess, line: Contribution, link_id: int) -> None:
    """Take back a link that was not answered; a second time changes nothing.

    Raises `not_allowed`, and `Http404` for what is not of this line.
    """
    links = line.counterparty_links.filter(pk=link_id)
    if not links.exists():
        raise Http404
    row = locked(line, None)
    by = _asking_for(access, row)
    open_links = links.filter(withdrawn_at=None, answer=None)
    if open_links.update(withdrawn_at=timezone.now()):
        record_on_line(
            access, "contribution.counterparty_withdrawn", row, by, details={"link": link_id}
        )


@holding()
def review_denial(access: ContractAccess, line: Contribution, answer_id: int) -> None:
    """Say that somebody who decides looked at a no; what was decided, he decides otherwise.

    Raises `not_allowed`, and `Http404` for what is not of this line.
    """
    by = access.require_deciding()
    denials = line.counterparty_answers.filter(pk=answer_id, confirms=False)
    if not denials.exists():
        raise Http404
    waiting = denials.filter(reviewed_at=None)
    if waiting.update(reviewed_at=timezone.now(), reviewed_by_id=access.acting.user_id):
        details = {"answer": answer_id}
        record_on_line(access, "contribution.denial_reviewed", line, by, details=details)


def _asking_for(access: ContractAccess, line: Contribution) -> int:
    """The organisation for which somebody asks: the one that delivered, or that decides."""
    by = line.organisation_id if access.works_for(line.organisation_id) else access.deciding_for
    if by is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    return by


def _require_askable(access: ContractAccess, line: Contribution, who: str, address: str) -> None:
    """Refuse a line that nobody outside can confirm, and an address of one's own side."""
    if line.state not in CONFIRMED_STATES:
        raise DomainError(Problem("wrong_state", params={"state": line.state}))
    if _category(rules_of(access.contract.scheme), line) not in _ASKED_ABOUT:
        raise DomainError(Problem("counterparty_not_asked"))
    if not who.strip():
        raise DomainError(Problem("counterparty_who", "wie"))
    require_no_code(line, who)
    if address and not is_purchase(access, line):
        raise DomainError(Problem("counterparty_no_mail", "adres"))
    own = account_for(access.acting).email.rpartition("@")[2]
    if address and address.strip().lower().rpartition("@")[2] == own:
        raise DomainError(Problem("counterparty_own", "adres"))


def _category(scheme: Scheme, line: Contribution) -> str:
    block = _block(scheme, line.block)
    return block.category if block else ""


def _block(scheme: Scheme, key: str) -> Block | None:
    return next((block for block in scheme.blocks if block.key == key), None)


# Who has the link --------------------------------------------------------------------------------


def address_of(token: str) -> str:
    """The address by which somebody comes in with a token."""
    return f"{settings.SITE_URL}{reverse('counterparty-arrive', args=[token])}"


def facts_by(opener: str) -> Facts | None:
    """The facts behind a link; None where it opens nothing, whatever is the matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_counterparty_facts(%s)", [opener])
        row = cursor.fetchone()
    if row is None:
        return None
    contractor, who, language, scheme_id, key, *rest = row
    block = _block(schemes_of([scheme_id])[scheme_id], key)
    category = block.category if block else ""
    bought = block if category == _PURCHASE else None
    return Facts(contractor, who, language, category, bought, *rest)


@transaction.atomic
def answer_by(opener: str, *, confirms: bool, name: str, function: str, reason: str = "") -> bool:
    """Answer by a link, once; whether it was taken. Both sides of the line are told of a no.

    Raises what refuses a text, and `missing_explanation` of a no.
    """
    faults = [*PERSON_NAME.problems("naam", name), *PERSON_NAME.problems("functie", function)]
    if not name.strip() or not function.strip():
        faults.append(Problem("counterparty_name", "naam"))
    require_none([*faults, *reason_problems(reason, required=not confirms)])
    why = "" if confirms else reason.strip()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM telmee_answer_counterparty(%s, %s, %s, %s, %s)",
            [opener, confirms, why, name.strip(), function.strip()],
        )
        readers = cursor.fetchall()
    code = "counterparty_confirmed" if confirms else "counterparty_denied"
    for answer, line_id, contract_id, line, reference, contract, by, user_id, language in readers:
        if user_id is None:
            continue  # nobody there to tell
        write_notice(
            code,
            Reader(user_id=user_id, language=language),
            event=f"answer {answer}",
            facts={
                "line": line,
                "reference": reference,
                "contract": contract,
                "url": settings.SITE_URL + reverse("contribution", args=[line_id]),
            },
            about=About(organisation_id=by, contract_id=contract_id),
        )
    return bool(readers)


# Reading -----------------------------------------------------------------------------------------


def links_of(line: Contribution) -> list[CounterpartyLink]:
    """Every link about a line with the answer to it, the latest first."""
    return list(line.counterparty_links.select_related("answer", "asked_by").order_by("-pk"))


def is_waiting(access: ContractAccess, link: CounterpartyLink, line: Contribution) -> bool:
    """Whether a link, the latest of its line, still works."""
    is_open = access.is_open and link.reply is None and link.withdrawn_at is None
    fits = link.fingerprint == line.fingerprint and line.state in CONFIRMED_STATES
    return is_open and fits and link.expires_at > timezone.now()


def confirmed(lines: Sequence[Contribution]) -> set[int]:
    """The lines that somebody outside confirmed as they are now, where no denial waits.

    Runs one query.
    """
    now = {line.pk: line.fingerprint for line in lines}
    answers = CounterpartyAnswer.objects.filter(contribution__in=list(now)).select_related("link")
    said, disputed = set(), set()
    for answer in answers:
        if answer.confirms and answer.link.fingerprint == now[answer.contribution_id]:
            said.add(answer.contribution_id)
        elif not answer.confirms and answer.reviewed_at is None:
            disputed.add(answer.contribution_id)
    return said - disputed


def denied(lines: Iterable[Contribution]) -> set[int]:
    """The lines of which somebody outside said that they are not right, and nobody looked yet."""
    ids = [line.pk for line in lines]
    return set(_denied(ids) if ids else ())


@prepared
def _denied(line_ids: Collection[int]) -> QuerySet[CounterpartyAnswer, int]:
    waiting = CounterpartyAnswer.objects.filter(
        contribution__in=listed(line_ids), confirms=False, reviewed_at=None
    )
    return waiting.values_list("contribution_id", flat=True)


def count_denials(acting: Acting) -> int:
    """How many of `waiting_denials` there are. Runs one query."""
    return sum(_denials(acting))


@prepared
def _denials(acting: Acting) -> QuerySet[CounterpartyAnswer, int]:
    return how_many(waiting_denials(acting))


def waiting_denials(acting: Acting) -> QuerySet[CounterpartyAnswer]:
    """What somebody outside said no to, for the organisations that decide; the oldest first.

    It waits until somebody says that he looked, whatever is decided on the line meanwhile.
    """
    decides = parties_of(acting).filter(contract=OuterRef("contract"), role__in=DECIDING_ROLES)
    return (
        CounterpartyAnswer.objects.filter(
            Exists(decides),
            confirms=False,
            reviewed_at=None,
            contract__closed_on=None,
            contract__voided_on=None,
        )
        .select_related("contribution__organisation", "contract", "link")
        .order_by("answered_at", "pk")
    )
