"""A text that is kept for ever names nobody by a code, which could not be erased there any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import waive
from telmee.apps.contributions.actions import save_draft, withdraw
from telmee.apps.contributions.erasing import DOCUMENTS
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.messages import write_message
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register

#: Of the line itself, of another line beside it, and of one on a contract of another client.
OWN, BESIDE, ELSEWHERE = "K-0417", "Jan.4 (b)", "Z-9/x"
DRAFTED = "D-88"
Writes = Callable[[str], None]


def refused(write: Callable[[], object]) -> bool:
    """Whether a text is refused for the code in it; any other refusal is raised."""
    try:
        write()
    except DomainError as error:
        if [problem.code for problem in error.problems] != ["text_names_person"]:
            raise
        return True
    return False


@pytest.fixture
def lines(cast: Cast) -> tuple[int, int]:
    """Make a contract with two people; a third works on another one of the same contractor."""
    contract = register(cast)
    line = hand_in(cast, contract, persoon=OWN)
    hand_in(cast, contract, kenmerk="K-2", persoon=BESIDE)
    hand_in(cast, register(cast, reference="X-1"), kenmerk="K-3", persoon=ELSEWHERE)
    return contract, line


def said_by_adviser(cast: Cast, lines: tuple[int, int], text: str) -> list[bool]:
    """Whether what an adviser writes is refused: under a decision, in the books, in a message."""
    contract, line = lines
    facts: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": text}
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        rejected = refused(
            lambda: decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), **facts)
        )
        waived = refused(
            lambda: waive(
                contract_for(acting, contract),
                amount_cents=1,
                key=uuid4(),
                effective_on=date(2025, 6, 1),
                reason=text,
            )
        )
        told = refused(
            lambda: write_message(contract_for(acting, contract), text=text, key=uuid4())
        )
    return [rejected, waived, told]


@pytest.mark.parametrize(
    "text", [f"Zie ook {BESIDE}.", f"niet van {BESIDE.upper()}", "Die van Jan.4\n\u00a0(b), dus."]
)
def test_no_text_names_somebody_of_another_line(
    cast: Cast, lines: tuple[int, int], text: str
) -> None:
    assert said_by_adviser(cast, lines, text) == [True, True, True]


@pytest.mark.parametrize("text", ["Zie Janx4 (b).", "Zie Jan.4 (b)1", "Zie xJan.4 (b)", "In 2025."])
def test_a_text_that_only_looks_like_it_passes(
    cast: Cast, lines: tuple[int, int], text: str
) -> None:
    hand_in(cast, lines[0], kenmerk="K-5", persoon="2025")
    hand_in(cast, lines[0], kenmerk="K-6", persoon="in")
    assert said_by_adviser(cast, lines, text) == [False, False, False]


def test_who_decides_learns_of_nobody_whom_he_does_not_see(
    cast: Cast, lines: tuple[int, int]
) -> None:
    assert said_by_adviser(cast, lines, f"Zie {ELSEWHERE}") == [False, False, False]


def test_it_tells_nobody_of_a_line_that_he_does_not_see(cast: Cast, lines: tuple[int, int]) -> None:
    contract, line = lines
    with acting_as(cast.contractor.pk) as acting:
        cells = {**PLACEMENT, "kenmerk": "K-7", "persoon": DRAFTED}
        save_draft(contract_for(acting, contract), cells)

    def named(user: int | None, about: int | None = None) -> list[str]:
        query = "SELECT telmee_names_person(%s, %s, %s)"
        codes = []
        with acting_as(user), connection.cursor() as cursor:
            for code in (OWN, BESIDE, DRAFTED):
                cursor.execute(query, [contract, about, f"Zie {code}."])
                codes += [code] if cursor.fetchone()[0] else []
        return codes

    assert named(cast.contractor.pk) == [OWN, BESIDE, DRAFTED]
    assert named(cast.adviser.pk) == named(cast.auditor.pk) == [OWN, BESIDE]
    assert named(cast.competitor.pk) == named(cast.subcontractor.pk) == named(None) == []
    assert named(None, line) == [OWN]


def test_a_contractor_names_none_of_his_people_wherever_they_work(
    cast: Cast, lines: tuple[int, int]
) -> None:
    contract, line = lines
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        for text in (f"Het was {ELSEWHERE}", f"Zie {BESIDE}"):
            withdrawing = partial(withdraw, access, row, reason=text)
            writing = partial(write_message, contract_for(acting, contract), text=text, key=uuid4())
            assert [refused(withdrawing), refused(writing)] == [True, True]
        assert not refused(lambda: withdraw(access, row, reason="Het was iemand anders."))


def test_the_form_says_in_words_what_is_wrong_and_keeps_what_was_typed(
    cast: Cast, browse: Any, lines: tuple[int, int]
) -> None:
    address, said = f"/opdrachten/{lines[0]}/berichten", f"Graag meer over {BESIDE}"
    sent = {"text": said, "key": str(uuid4())}
    page = browse(cast.adviser).post(address, sent).content.decode()
    assert "code van een persoon" in page
    assert said in page


#: Written by the program: keys, hashes, addresses, states, and documents of what it worked out.
#: What it tells in notices, letters and the journal it takes from texts that are held here.
_PROGRAMS = """
    audit_event: details kind verb
    audit_seal: head previous table_name
    contracts_amendment: facts
    contributions_contribution: fingerprint value_status
    contributions_counterpartylink: fingerprint language token_hash
    contributions_evidence: media_type sha256 stored_as
    contributions_handingin: lines
    contributions_upload: sha256 stored_as
    enforcement_exit: facts
    enforcement_step: facts
    letters_letter: facts kind prefix
    letters_paper: sha256
    letters_template: kind
    notices_notice: address answer code facts language mail message_id sealed
    notices_suspect: address answer
    organisations_invitation: token_hash
    organisations_user: password
    people_person: code_key near_parts near_whole
    receipts_receipt: hash inputs problems scheme_sha256 status steps used
    reports_counted: cells hidden people
    reports_draft: document problems
    reports_paper: sha256
    reports_report: document public_key sha256 signature
    settlements_statement: hash
    trust_sample: contracts hash items
    trust_weighing: doubts record
"""
#: Chosen from the words of a scheme or of a register.
_WORDS = """
    agreements_planline: block bonuses certificate employment
    contracts_cpvcode: code description
    contributions_contribution: block bonuses certificate
    contributions_evidence: kind
    contributions_sighting: kind
    coverage_purchase: sureness
    coverage_purchaselist: scheme
    decisions_decision: rule
    enforcement_ladder: steps
    organisations_municipality: code name
    organisations_region: code name
    schemes_schemeversion: document family publisher scheme_id sha256 title version
    trust_rule: blocks
"""
#: About contracts, organisations, purchases and who works there, and about nobody's effort.
_ABOUT_NO_EFFORT = """
    contracts_contract: lot name no_obligation_reason percentage_reason procurement reference
    contracts_contract: rules_client search_text
    contributions_contribution: supplier
    contributions_counterpartylink: address
    coverage_purchase: kvk reference search_name supplier
    coverage_purchaseanswer: reason
    coverage_purchaselist: name noticed refused withdrawn_why
    enforcement_ladder: reason
    letters_housestyle: address colour legal_basis objection_text prefix
    organisations_formername: name
    organisations_invitation: email
    organisations_organisation: kvk name oin rsin search_name
    organisations_recognition: level number source
    organisations_user: email name
    relations_contact: email function name phone
    reports_goal: source
    trust_rule: reason
    trust_sample: seed
"""
#: Kept by who wrote them, who can change or remove them at any time.
_CHANGEABLE = """
    organisations_keptfilter: name page query
    relations_task: text
"""
#: Refused with a code in them by the action, or by the journal in which the same words stand.
_ELSEWHERE = """
    enforcement_leniency: ended_why
    trust_lapse: lifted_why
"""
#: What a contractor calls a line is in its receipt; that it is not a code is for him.
_REFERENCES = "contributions_contribution: reference"
_STRUCK_OUT = {
    "people_person.code",
    "contributions_contribution.note",
    *(f"{model._meta.db_table}.{name}" for model, names in DOCUMENTS.items() for name in names),
}


def _columns(lines: str) -> set[str]:
    tables = (line.split(":") for line in lines.strip().splitlines())
    return {f"{table.strip()}.{name}" for table, names in tables for name in names.split()}


@pytest.mark.django_db
def test_every_text_is_refused_with_a_code_or_struck_out_or_needs_neither(as_owner: Any) -> None:
    triggers = as_owner(
        "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'names_nobody'"
    )
    refused_in = {
        f"{table}.{name}"
        for table, arguments in triggers
        for name in bytes(arguments).decode().split("\0")
        if name
    }
    texts = {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("telmee.")
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not field.choices
    }
    held = [_PROGRAMS, _WORDS, _ABOUT_NO_EFFORT, _CHANGEABLE, _ELSEWHERE, _REFERENCES]
    groups = [refused_in, _STRUCK_OUT, *map(_columns, held)]
    assert sum(map(len, groups)) == len(texts)
    assert set[str]().union(*groups) == texts
