"""Every address of the application, and who may read it and who may send to it.

A page that is missing here fails the matrix: who makes a page says who it is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver

from telmee.apps.notices.choices import USUAL
from tests.days import typed_today
from tests.web import sent
from tests.web.cases import (
    CLIENTS,
    COLLEAGUE,
    COMPETITOR,
    DECIDES,
    DELIVERS,
    ERASES,
    EVERYBODY,
    HILVERSUM,
    MANAGER,
    NOBODY,
    OPERATOR,
    OTHERS,
    PARTIES,
    SEES,
    SIDES,
    SIGNED_IN,
    SUB,
    Case,
    Data,
    Parts,
)
from tests.web.cases import key as _key
from tests.web.cases import on_contract as _contract
from tests.web.cases import said as _said
from tests.web.routes_counterparties import COUNTERPARTIES
from tests.web.routes_coverage import COVERAGE
from tests.web.routes_enforcement import ENFORCEMENT
from tests.web.routes_entering import ENTERING
from tests.web.routes_letters import LETTERS
from tests.web.routes_objections import OBJECTIONS
from tests.web.routes_pools import POOLS
from tests.web.routes_relations import RELATIONS
from tests.web.routes_reports import REPORTS
from tests.web.routes_trust import TRUST
from tests.web.world import CSV, PDF, World


def _line(name: str, get: Parts | None, post: Parts | None = None, **more: Any) -> Case:
    return Case(get, post, {"line_id": name}, **more)


def _turnover(
    who: Parts,
    what: str,
    *,
    reads: bool = True,
    does: Parts | None = None,
    others: Parts = OTHERS,
    **typed: Any,
) -> Case:
    """A page about a period of turnover, or about a proposal of it."""
    name = {"period": "period"} if what == "period" else {"version_pk": f"turnover_{what}"}
    ids = {"pk": "by_turnover", **name}
    return Case(who if reads else None, who, ids, _said(**typed), does=does, others=others)


def _seen(books: str, **more: Any) -> Data:
    """Data with the books that are on the screen, by their name in the world."""
    return lambda world: {"key": _key(), "seen": world.own[books], **more}


def _question(_world: World) -> dict[str, Any]:
    return {"key": _key(), "version": 2, "outcome": "asked", "text": "Uur?", "due": typed_today()}


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def _proof(_world: World) -> dict[str, Any]:
    return {"bestand": _file("bewijs.pdf", PDF + b"\n% another"), "soort": ""}


def _chosen(world: World) -> dict[str, Any]:
    """Press accept for a line at the value that the engine gives it."""
    chosen = f"{world.own['purchase']}:2:100000"
    return {"key": _key(), "one": chosen, "without_proof": "1"}


def _undone(world: World) -> dict[str, Any]:
    return {"key": _key(), "line": f"{world.own['accepted']}:3:"}


_EFFORT = {
    "bouwblok": "pw_lt2",
    "begin": "1-1-2026",
    "eind": "30-6-2026",
    "uren_per_week": "24",
    "persoon": "P-77",
    "kenmerk": "K-77",
    "doen": "concept",
}
_ANSWER = {**_EFFORT, "kenmerk": "K-78", "antwoord": "24 uur per week."}
_PLAN = {
    "bouwblok": "pw_lt2",
    "begin": "1-1-2026",
    "eind": "30-6-2026",
    "uren_per_week": "24",
    "number": "3",
    "plan_note": "",
}
_BOOKING = {"kind": "penalty", "amount": "10,00", "effective_on": "1-6-2025", "reason": "Te laat"}
_REASON = {"toelichting": "Daarom", "reason": "Daarom"}
_PARTY = {"kvk": "30000004", "name": "", "role": "subcontractor"}
_PERSON = {"name": "Nieuwe Naam", "password": "een heel lang wachtwoord", "again": ""}
_PERSON["again"] = _PERSON["password"]
_RECOGNITION = {"kvk": "30000005", "kind": "pso", "valid_from": "1-1-2026"}
_RHYTHMS = dict.fromkeys(USUAL, "daily")
_PAGE = {"pk": "contract"}
#: Both sides work on a plan.
_PLANS = DECIDES | DELIVERS
_PROPOSAL = {"pk": "settling", "version_pk": "settlement"}

#: Everything that is ours, by the name of its address.
ROUTES: Mapping[str, tuple[Case, ...]] = {
    # decisions
    "queue": (Case(SIGNED_IN),),
    "queue-accept": (Case(None, SIGNED_IN, data=_chosen, does=DECIDES),),
    "queue-touched": (Case(SIGNED_IN),),
    "decided": (Case(SIGNED_IN),),
    "touched-keep": (
        Case(None, DECIDES, {"pk": "accepted"}, does=NOBODY),
        Case(None, DECIDES, {"pk": "touched"}),
    ),
    "queue-undo": (Case(None, SIGNED_IN, data=_undone, does=DECIDES),),
    "decide": (
        Case(
            DECIDES,
            DECIDES,
            {"pk": "submitted"},
            _said(version=2, outcome="rejected", reason="other", text="Nee"),
        ),
        Case(DECIDES, DECIDES, {"pk": "submitted"}, _question),
        Case(NOBODY, NOBODY, {"pk": "draft"}),
    ),
    "decide-value": (
        Case(None, DECIDES, {"pk": "submitted"}, _said(bouwblok="pw_lt2"), does=NOBODY),
    ),
    "reopen": (
        Case(
            DECIDES,
            DECIDES,
            {"pk": "accepted"},
            _said(version=3, reason="mistake", text="Verkeerde regel"),
        ),
    ),
    **OBJECTIONS,
    **COUNTERPARTIES,
    **ENTERING,
    # contracts
    "contracts": (Case(SIGNED_IN),),
    "contract-new": (
        Case(
            DECIDES | {"colleague"},
            DECIDES,
            data=sent.registration,
            corrected=frozenset(("colleague",)),
        ),
    ),
    "contract-lots": (
        Case(DECIDES | {"colleague"}, DECIDES, data=sent.lots, corrected=frozenset(("colleague",))),
    ),
    "contracts-voided": (Case(SIGNED_IN),),
    "cpv-search": (Case(SIGNED_IN),),
    "contractor-search": (Case(SIGNED_IN),),
    "supplier-search": (Case(SIGNED_IN),),
    "contract": (_contract(PARTIES),),
    "contract-obligation": (_contract(SEES),),
    "contract-expected": (_contract(SEES),),
    "contract-amend": (
        _contract(
            DECIDES,
            DECIDES,
            data=_said(
                ground="agreed",
                agreed="90.000,00",
                effective_on="1-1-2026",
                reason="Meerwerk",
                seen="0",
                confirm="1",
            ),
        ),
    ),
    "contract-history": (_contract(SEES),),
    "contract-contributions": (_contract(PARTIES),),
    "contract-plan": (_contract(PARTIES),),
    "plan-line-new": (_contract(DELIVERS | SUB, DELIVERS | SUB, data=_said(**_PLAN)),),
    "plan-line": (Case(_PLANS, _PLANS, {**_PAGE, "line_pk": "plan_line"}, data=_said(**_PLAN)),),
    "plan-line-remove": (Case(_PLANS, _PLANS, {**_PAGE, "line_pk": "plan_line"}, data=_said()),),
    "plan-version": (
        Case(
            SEES, _PLANS, {**_PAGE, "version_pk": "plan_version"}, _said(line="", text="Kan dit?")
        ),
    ),
    "plan-answer": (
        Case(
            None,
            _PLANS,
            {**_PAGE, "version_pk": "plan_version"},
            _said(answer="agree"),
            does=DECIDES,
        ),
        Case(
            None,
            _PLANS,
            {**_PAGE, "version_pk": "plan_version"},
            _said(answer="withdraw"),
            does=DELIVERS,
        ),
    ),
    "plan-propose": (
        Case(None, _PLANS, {**_PAGE, "party_pk": "plan_party"}, _said(deed="propose"), does=NOBODY),
    ),
    "contract-shares": (_contract(DELIVERS | SUB, others=NOBODY),),
    "share-propose": (
        Case(
            DELIVERS | SUB,
            DELIVERS | SUB,
            {**_PAGE, "partner_pk": "partner"},
            _said(amount="20.000", note="", seen=1),
            others=NOBODY,
        ),
    ),
    "share-answer": (
        Case(
            None,
            DELIVERS | SUB,
            {**_PAGE, "version_pk": "share"},
            _said(answer="agree"),
            does=SUB,
            others=NOBODY,
        ),
        Case(
            None,
            DELIVERS | SUB,
            {**_PAGE, "version_pk": "share"},
            _said(answer="withdraw"),
            does=DELIVERS,
            others=NOBODY,
        ),
    ),
    "contract-turnover": (Case(SEES, None, {"pk": "by_turnover"}),),
    "turnovers": (Case(SIGNED_IN),),
    "turnovers-agree": (
        Case(
            None, SIGNED_IN, data=lambda w: {"version": [w.own["turnover_waiting"]]}, does=DECIDES
        ),
    ),
    "turnover-sheet": (
        Case(SIDES | OTHERS, SIDES | OTHERS, data=lambda w: {"file": sent.sheet(w)}, does=NOBODY),
    ),
    "turnover-template": (Case(SIGNED_IN),),
    "turnover-propose": (_turnover(SIDES, "period", amount="20.000", note="", seen=0),),
    "turnover-answer": (
        _turnover(SIDES, "waiting", reads=False, does=DECIDES, answer="agree"),
        _turnover(SIDES, "waiting", reads=False, does=DELIVERS, answer="withdraw"),
    ),
    "turnover-dispute": (
        _turnover(DECIDES, "waiting", others=frozenset(("colleague",)), reason="Niet eens"),
    ),
    "turnover-decide": (
        _turnover(DECIDES - {"adviser"}, "disputed", others=NOBODY, reason="Zo is het"),
    ),
    "contract-ledger": (_contract(SEES),),
    "entry": (Case(SEES, None, {"pk": "contract", "entry_id": "entry"}),),
    **POOLS,
    **LETTERS,
    "contract-settlement": (_contract(SEES),),
    "settlement-propose": (Case(None, DECIDES, {"pk": "settling"}, _seen("settling_books")),),
    "settlement-answer": (
        Case(None, DELIVERS, _PROPOSAL, _said(answer="agree"), others=COMPETITOR),
        Case(None, DECIDES, _PROPOSAL, _said(answer="withdraw"), others=COLLEAGUE),
    ),
    "settlement-dispute": (
        Case(DELIVERS, DELIVERS, _PROPOSAL, _said(reason="Regel 12 ontbreekt."), others=COMPETITOR),
    ),
    "settlement-correct": (
        Case(
            DECIDES,
            DECIDES,
            {"pk": "settled"},
            _seen("settled_books", what="waived", amount="1", reason="Vergeten factuur."),
            others=COLLEAGUE,
        ),
    ),
    "contract-documents": (_contract(PARTIES),),
    "contract-journal": (_contract(PARTIES),),
    "contract-people": (_contract(PARTIES),),
    "party-add": (_contract(DECIDES | DELIVERS, DECIDES | DELIVERS, data=_said(**_PARTY)),),
    "party-remove": (
        Case(
            DECIDES | DELIVERS,
            DECIDES | DELIVERS,
            {**_PAGE, "party_pk": "subcontractor_party"},
            _said(**_REASON),
        ),
        Case(DECIDES, DECIDES, {**_PAGE, "party_pk": "auditor_party"}, _said(**_REASON)),
        Case(NOBODY, NOBODY, {**_PAGE, "party_pk": "contractor_party"}, _said(**_REASON)),
    ),
    "contract-change": (
        _contract(DECIDES, DECIDES, data=_said(name="Andere naam", reason="Tikfout")),
    ),
    "contract-close": (
        _contract(DECIDES, DECIDES, data=_said(on="31-1-2026", reason="Klaar", sure="on")),
    ),
    "contract-void": (
        Case(DECIDES, DECIDES, {"pk": "mistake"}, _said(reason="Dubbel geregistreerd")),
    ),
    "contract-reopen": (
        Case(DECIDES, DECIDES, {"pk": "closed"}, _said(reason="Toch niet klaar")),
        _contract(DECIDES, DECIDES, data=_said(reason="Is al open"), does=NOBODY),
    ),
    **RELATIONS,
    **REPORTS,
    **ENFORCEMENT,
    **TRUST,
    **COVERAGE,
    # contributions
    "contribution-new": (
        Case(DELIVERS | SUB, DELIVERS | SUB, {"contract_id": "contract"}, _said(**_EFFORT)),
    ),
    "contribution-copy": (
        Case(DELIVERS | SUB, DELIVERS | SUB, {"contract_id": "contract"}, sent.copying),
    ),
    "contribution-drafts": (
        Case(DELIVERS | SUB, DELIVERS | SUB, {"contract_id": "contract"}, _said()),
    ),
    "contribution": (
        *(
            _line(state, SEES)
            for state in (
                "submitted",
                "asked",
                "accepted",
                "adjusted",
                "rejected",
                "objection",
                "withdrawn",
            )
        ),
        _line("draft", DELIVERS),
        _line("sub_submitted", SEES | SUB),
        _line("sub_draft", SUB),
    ),
    "contribution-edit": (
        _line("draft", DELIVERS, DELIVERS, data=_said(**_EFFORT, version=1)),
        _line("sub_draft", SUB, SUB, data=_said(**_EFFORT, version=1)),
        _line("sub_submitted", SUB, SUB, does=NOBODY),
        _line("asked", DELIVERS, DELIVERS, data=_said(**_ANSWER, version=3)),
    ),
    "contribution-submit": (
        _line("draft", None, DELIVERS, data=_said(version=1)),
        _line("sub_draft", None, SUB, data=_said(version=1)),
    ),
    "contribution-take-back": (
        _line("submitted", None, DELIVERS, data=_said(version=2)),
        _line("sub_submitted", None, SUB, data=_said(version=2)),
    ),
    "contribution-remove": (
        _line("draft", None, DELIVERS),
        _line("sub_draft", None, SUB),
    ),
    "contribution-withdraw": (
        _line("submitted", DELIVERS, DELIVERS, data=_said(**_REASON)),
        _line("sub_submitted", SUB, SUB, data=_said(**_REASON)),
    ),
    "contribution-object": (_line("rejected", DELIVERS, DELIVERS, data=_said(**_REASON)),),
    "upload-new": (
        Case(
            DELIVERS | SUB,
            DELIVERS | SUB,
            {"contract_id": "contract"},
            lambda _world: {"bestand": _file("nieuw.csv", CSV + b"\n")},
        ),
    ),
    "handing-in": (Case(DELIVERS, None, {"handing_in_id": "handing_in"}),),
    "upload": (Case(DELIVERS, None, {"upload_id": "upload"}),),
    "evidence-add": (_line("purchase", None, DELIVERS, data=_proof),),
    "evidence": (Case(SEES, None, {"line_id": "purchase", "evidence_id": "evidence"}),),
    "evidence-remove": (
        Case(
            DELIVERS, DELIVERS, {"line_id": "purchase", "evidence_id": "evidence"}, _said(**_REASON)
        ),
    ),
    "sighting-add": (
        _line(
            "submitted",
            None,
            DECIDES,
            data=_said(soort="", gezien_op="1-6-2025"),
        ),
    ),
    # booking
    "head": (Case(CLIENTS),),
    # Nothing was sealed in the world; tests/web/test_heads.py has the file itself.
    "head-download": (Case(NOBODY),),
    "book": (Case(DECIDES, DECIDES, {"pk": "contract"}, _said(**_BOOKING)),),
    "take-back": (
        Case(DECIDES, DECIDES, {"pk": "contract", "entry_id": "entry"}, _said(**_REASON)),
    ),
    # the first page and the schemes
    "home": (Case(EVERYBODY),),
    "schemes": (Case(EVERYBODY),),
    "scheme-compare": (Case(EVERYBODY),),
    **{
        name: (Case(EVERYBODY, None, {"scheme_id": "scheme"}, others=EVERYBODY),)
        for name in ("scheme", "scheme-calculator", "scheme-obligation", "scheme-template")
    },
    # people
    "people": (Case(SIGNED_IN),),
    "person": (Case(DELIVERS, None, {"pk": "person"}, others=COMPETITOR),),
    "person-exchange": (
        Case(DELIVERS, DELIVERS, {"pk": "person"}, _said(code="N-1"), others=COMPETITOR),
    ),
    "person-erase": (Case(ERASES, ERASES, {"pk": "person"}, _said(), others=COMPETITOR),),
    # organisations
    "organisations": (Case(SIGNED_IN),),
    "organisation": (
        Case(HILVERSUM | OPERATOR, None, {"pk": "organisation"}, others=OTHERS | OPERATOR),
    ),
    "organisation-change": (
        Case(
            MANAGER | OPERATOR,
            MANAGER | OPERATOR,
            {"pk": "organisation"},
            _said(name="Gemeente Hilversum aan Zee"),
            others=OTHERS | OPERATOR,
        ),
    ),
    "organisation-invite": (
        Case(
            MANAGER | OPERATOR,
            MANAGER | OPERATOR,
            {"pk": "organisation"},
            _said(email="een.ander@example.org", role="manager"),
            others=OTHERS | OPERATOR,
        ),
    ),
    "organisation-registration": (
        Case(
            OPERATOR,
            OPERATOR,
            {"pk": "organisation"},
            _said(kvk="30000009", is_client="on"),
            others=OPERATOR,
        ),
    ),
    "invitation-withdraw": (
        Case(None, MANAGER, {"pk": "invitation"}, _said()),
        Case(None, MANAGER | OPERATOR, {"pk": "proposal"}, _said(), others=OTHERS | OPERATOR),
    ),
    # The one operator of the cast proposed it himself.
    "invitation-approve": (
        Case(None, MANAGER, {"pk": "proposal"}, _said()),
        Case(None, NOBODY, {"pk": "invitation"}, _said()),
    ),
    "claims": (Case(DECIDES | {"colleague"} | OPERATOR),),
    "claim-confirm": (
        Case(
            None,
            DECIDES - {"team"},
            {"pk": "claim"},
            lambda world: {"voor": world.cast.hilversum.pk},
        ),
        Case(None, OPERATOR, {"pk": "claim"}, _said(voor=""), others=OPERATOR),
    ),
    "member-role": (Case(MANAGER, MANAGER, {"pk": "member"}, _said(role="worker")),),
    "member-contracts": (
        Case(ERASES, ERASES, {"pk": "worker"}, _said(scope="some"), others=NOBODY),
    ),
    "member-remove": (Case(MANAGER, MANAGER, {"pk": "member"}, _said()),),
    "enterprises": (Case(SIGNED_IN),),
    "recognition-record": (
        Case(
            DECIDES | {"colleague"},
            DECIDES - {"team"},
            data=lambda world: {**_RECOGNITION, "checked_by": world.cast.hilversum.pk},
            corrected=frozenset(("team", "colleague")),
        ),
    ),
    "recognition-end": (
        Case(
            (DECIDES - {"team"}) | OPERATOR,
            (DECIDES - {"team"}) | OPERATOR,
            {"pk": "recognition"},
            lambda _world: {"valid_until": typed_today()},
            others=OTHERS | OPERATOR,
        ),
    ),
    # The token of the address goes into the session; without one there is nothing to accept.
    "invitation": (Case(EVERYBODY, None, {"token": "token"}, others=EVERYBODY),),
    "invitation-accept": (Case(NOBODY, NOBODY, data=_said(**_PERSON), others=EVERYBODY),),
    "my-account": (Case(SIGNED_IN, SIGNED_IN, data=_said(name="Anders", language="en")),),
    "my-notices": (Case(SIGNED_IN, SIGNED_IN, data=_said(**_RHYTHMS)),),
    "all-organisations": (Case(OPERATOR),),
    "organisation-add": (
        Case(OPERATOR, OPERATOR, data=_said(name="Nieuw BV", kvk="30000008", email="")),
    ),
    "jobs": (Case(OPERATOR),),
    "job-again": (Case(None, OPERATOR, {"pk": "job"}, others=OPERATOR),),
    "notices": (Case(OPERATOR),),
    "address-again": (Case(None, OPERATOR, {"pk": "suspect"}, others=OPERATOR),),
    "my-address-works": (Case(None, SIGNED_IN, does=NOBODY),),
    "notice-again": (Case(None, OPERATOR, {"pk": "notice"}, others=OPERATOR),),
    "notice-settle": (Case(None, OPERATOR, {"pk": "notice"}, others=OPERATOR),),
    # around the work
    "set_language": (Case(EVERYBODY, EVERYBODY, data=_said(language="en", next="/"), does=NOBODY),),
    "published-results": (Case(EVERYBODY),),
    "accessibility": (Case(EVERYBODY),),
    "privacy": (Case(EVERYBODY),),
    "security-txt": (Case(EVERYBODY),),
    "signed-in": (Case(SIGNED_IN),),
    "signed-in-state": (Case(EVERYBODY, EVERYBODY, data=_said(), does=NOBODY),),
    "filter-keep": (
        Case(
            None,
            SIGNED_IN,
            {"page": "page"},
            lambda _world: {"name": "Loopt nog", "query": "status=running"},
            others=EVERYBODY,
        ),
    ),
    "filter-drop": (
        Case(None, frozenset(("adviser",)), {"pk": "filter"}, others=frozenset(("colleague",))),
    ),
    "demo-mail": (Case(NOBODY),),
    "demo-enter": (Case(None, NOBODY, data=lambda _world: {"email": "x@example.org"}),),
}

#: Addresses of allauth that exist for a visitor; the others ask to sign in first.
FOR_VISITORS = frozenset(
    (
        "account_login", "account_logout", "account_inactive", "account_signup",
        "account_email_verification_sent", "account_reset_password",
        "account_reset_password_done", "account_reset_password_from_key",
        "account_reset_password_from_key_done", "account_confirm_login_code",
        "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled",
        "socialaccount_login_error", "openid_connect_login", "openid_connect_callback",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the resolver."""

    name: str
    path: str
    pattern: URLPattern

    @property
    def is_ours(self) -> bool:
        """Whether a page is ours, and not of the library for signing in."""
        return not self.path.startswith("accounts/")


def routes() -> Iterator[Route]:
    """Walk through every address that there is."""
    yield from _walk(get_resolver(), "")


def _walk(resolver: Any, prefix: str) -> Iterator[Route]:
    for found in resolver.url_patterns:
        path = f"{prefix}{found.pattern}"
        if isinstance(found, URLPattern):
            yield Route(found.name or "", path, found)
        else:
            yield from _walk(found, path)
