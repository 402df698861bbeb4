"""What was published never changes, and what was put right since is told beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.cpv import cpv_codes
from telmee.apps.contributions.erasing import erase_code, exchange_code
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.apps.people.models import Person
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.document import TOLD
from telmee.apps.reports.freezing import contracts_for, earlier_of, freeze, report_for, reports_of
from telmee.apps.reports.goals import goals_of, set_goal
from telmee.apps.reports.hiding import hidden_in, people_behind
from telmee.apps.reports.together import TOTAL
from telmee.core.errors import DomainError
from telmee.integrations.signatures import digest, is_signed, public_key_of
from tests.apps.coverage.test_coverage import answer, explained
from tests.buying import bought, line
from tests.cast import Cast
from tests.money import accepted, agree, decide
from tests.registering import found, hand_in, register


def publish(
    cast: Cast, kind: ReportKind = ReportKind.ANNUAL, *, who: str = "adviser", year: int = 2025
) -> int:
    organisation = {"adviser": cast.hilversum, "contractor": cast.de_eem, "team": cast.region}[who]
    with acting_as(getattr(cast, who).pk) as acting:
        return freeze(acting, organisation.pk, kind, year, key=uuid4())


def said(cast: Cast, report: int, *, who: str = "adviser") -> dict[str, Any]:
    with acting_as(getattr(cast, who).pk) as acting:
        document: dict[str, Any] = json.loads(report_for(acting, report).document)
        return document


def people(cast: Cast, contract: int, first: int, last: int, block: str = "pw_lt2") -> None:
    for number in range(first, last):
        cells = {"kenmerk": f"{block}-{number}", "persoon": f"P-{block}-{number}"}
        accepted(cast, hand_in(cast, contract, bouwblok=block, **cells))


def test_what_a_row_is_called_is_kept_in_both_languages(cast: Cast) -> None:
    (code,) = cpv_codes("77000000")
    people(cast, register(cast, cpv=code.pk), 0, 6)
    document = said(cast, publish(cast))
    named = {one["by"]: [row["label"] for row in one["rows"]] for one in document["divisions"]}
    assert named["category"] == [["Diensten", "Services"]]
    ((_, english),) = named["division"]
    assert english.startswith("Agricultural, forestry")
    assert all(label[1] for labels in named.values() for label in labels)


@pytest.fixture
def contract(cast: Cast) -> int:
    return register(cast)


def test_a_report_is_signed_and_says_what_it_stands_on(cast: Cast, contract: int) -> None:
    people(cast, contract, 0, 2)
    report = publish(cast)
    with acting_as(cast.adviser.pk) as acting:
        row = report_for(acting, report)
    text = row.document.encode()
    assert row.sha256 == digest(text)
    assert row.public_key == public_key_of(settings.SECRET_KEY)
    assert is_signed(text, row.signature, row.public_key)
    assert not is_signed(text.replace(b"2025", b"2024"), row.signature, row.public_key)
    document = json.loads(row.document)
    ((of, its_hash),) = document["books"]  # and not how many entries, which bounds how many people
    assert (of, len(its_hash)) == (contract, 64)
    assert document["rules"][0][0] == "harlingen"
    assert document["years"][-1]["verified_cents"] > 0
    assert row.number == 1


def test_nobody_changes_or_removes_it_and_others_do_not_see_it(
    cast: Cast, contract: int, as_owner: Any
) -> None:
    del contract, as_owner
    report = publish(cast)
    for statement in ("UPDATE reports_report SET year = 2024", "DELETE FROM reports_report"):
        with (
            acting_as(cast.manager.pk),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    for name in ("colleague", "contractor", "outsider", "operator"):
        with acting_as(getattr(cast, name).pk) as acting:
            with pytest.raises(Http404):
                report_for(acting, report)
            assert not reports_of(acting).exists()
    for name in ("team", "auditor"):  # who looks after, or into, contracts of this client
        with acting_as(getattr(cast, name).pk) as acting:
            assert report_for(acting, report).pk == report


def test_an_auditor_reads_what_the_clients_published_that_he_looks_into(cast: Cast) -> None:
    """No report of a region or a contractor, which tell of clients that he does not look into."""
    register(cast)
    others = replace(cast, adviser=cast.colleague, hilversum=cast.huizen, audit_office=cast.rival)
    register(others, reference="HUI-1")
    own = publish(cast)
    publish(cast, ReportKind.REGIONAL, who="team")
    publish(cast, ReportKind.STATEMENT, who="contractor")
    with acting_as(cast.colleague.pk) as acting:
        freeze(acting, cast.huizen.pk, ReportKind.ANNUAL, 2025, key=uuid4())
    with acting_as(cast.auditor.pk) as acting:
        assert [row.pk for row in reports_of(acting)] == [own]


def test_who_does_not_work_for_an_organisation_publishes_nothing(cast: Cast, contract: int) -> None:
    del contract
    for name, organisation in (("reader", "hilversum"), ("colleague", "hilversum")):
        with acting_as(getattr(cast, name).pk) as acting, pytest.raises(DomainError) as refused:
            freeze(
                acting, getattr(cast, organisation).pk, ReportKind.ANNUAL, 2025,
                key=uuid4(),
            )  # fmt: skip
        assert [problem.code for problem in refused.value.problems] == ["not_allowed"]
    with acting_as(cast.adviser.pk) as acting:
        key = uuid4()
        once, twice = (
            freeze(acting, cast.hilversum.pk, ReportKind.COUNCIL, 2025, key=key) for _ in range(2)
        )
        assert once == twice
        with pytest.raises(DomainError) as refused:
            freeze(
                acting,
                cast.hilversum.pk,
                ReportKind.ANNUAL,
                2999,
                key=uuid4(),
            )
    assert [problem.code for problem in refused.value.problems] == ["report_year"]


@pytest.mark.parametrize(
    ("who", "organisation", "kind"),
    [
        ("contractor", "de_eem", ReportKind.ANNUAL),
        ("contractor", "de_eem", ReportKind.REGIONAL),
        ("adviser", "hilversum", ReportKind.STATEMENT),
    ],
)
def test_a_client_reports_and_a_contractor_states(
    cast: Cast, contract: int, who: str, organisation: str, kind: ReportKind
) -> None:
    assert contract
    own = getattr(cast, organisation).pk
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises(DomainError) as refused:
        freeze(acting, own, kind, 2025, key=uuid4())
    assert [problem.code for problem in refused.value.problems] == ["report_kind_not_yours"]


def test_a_report_of_next_year_is_not_made_before_it_began(cast: Cast, contract: int) -> None:
    assert contract
    year = timezone.localdate().year + 1
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        freeze(acting, cast.hilversum.pk, ReportKind.ANNUAL, year, key=uuid4())
    assert [problem.code for problem in refused.value.problems] == ["report_year"]


def test_a_report_leans_on_those_of_the_years_in_its_series(cast: Cast, contract: int) -> None:
    assert contract
    with acting_as(cast.adviser.pk) as acting:
        for year in (2020, 2021):
            freeze(acting, cast.hilversum.pk, ReportKind.ANNUAL, year, key=uuid4())
        assert [one.year for one in earlier_of(cast.hilversum.pk, 2025)] == [2021]


def test_a_correction_stands_in_the_next_report_old_beside_new(cast: Cast, contract: int) -> None:
    first = publish(cast)
    before = said(cast, first)
    with acting_as(cast.adviser.pk) as acting:
        terms: dict[str, Any] = {
            "amount_cents": 80_000_00,
            "effective_on": date(2025, 1, 1),
            "key": uuid4(),
        }
        agree(contract_for(acting, contract), reason="De opdrachtsom klopte niet.", **terms)
    second = said(cast, publish(cast))
    assert said(cast, first) == before  # the first one still says what it said
    assert before["corrections"] == []
    (correction,) = second["corrections"]
    assert (correction["year"], correction["figure"]) == (2025, "imposed_cents")
    assert (correction["before_cents"], correction["now_cents"]) == (100_000_00, 80_000_00)
    assert correction["reasons"] == ["De opdrachtsom klopte niet."]
    assert (second["before"], second["books"] == before["books"]) == (1, False)


def test_what_came_in_later_is_no_correction(cast: Cast, contract: int) -> None:
    before = said(cast, publish(cast))
    people(cast, contract, 0, 1)
    later = said(cast, publish(cast))
    assert later["corrections"] == []
    require_explained(before, later)
    assert {row["figure"] for row in later["changes"]} == {"delivered_cents", "verified_cents"}


def reagree(cast: Cast, contract: int, cents: int, reason: str) -> None:
    with acting_as(cast.adviser.pk) as acting:
        terms: dict[str, Any] = {"effective_on": date(2025, 1, 1), "key": uuid4()}
        agree(contract_for(acting, contract), amount_cents=cents, reason=reason, **terms)


def reopened(cast: Cast, line: int, text: str) -> None:
    with acting_as(cast.adviser.pk) as acting:
        why: dict[str, Any] = {"reason": DecisionReason.AGREEMENT, "text": text}
        decide(*found(acting, line), outcome=Outcome.REOPENED, key=uuid4(), **why)


def require_explained(before: dict[str, Any], now: dict[str, Any]) -> None:
    """Each figure that is told otherwise has its row; put right and later make the difference."""
    was = {row["year"]: row for row in before["years"]}
    rows = {(row["year"], row["figure"]): row for row in now["corrections"] + now["changes"]}
    assert len(rows) == len(now["corrections"]) + len(now["changes"])
    for year in (row for row in now["years"] if row["year"] in was):
        for figure in TOLD:
            old, new = was[year["year"]][figure], year[figure]
            row = rows.get((year["year"], figure))
            assert row is not None or old == new, (year["year"], figure)
            if row is not None:
                assert (row["before_cents"], row["now_cents"]) == (old, new)
                if "corrected_cents" in row:
                    assert old + row["corrected_cents"] + row["later_cents"] == new


def test_chains_of_corrections_are_explained_report_after_report(cast: Cast, contract: int) -> None:
    line = hand_in(cast, contract, kenmerk="K-1", persoon="P-1")
    cents = accepted(cast, line).amount_cents
    reports = [said(cast, publish(cast))]

    reagree(cast, contract, 80_000_00, "Eerste herstel.")  # put right twice before it is told
    reagree(cast, contract, 90_000_00, "Herstel van het herstel.")
    reopened(cast, line, "De verkeerde persoon.")
    people(cast, contract, 5, 6)  # and something came in that was never wrong
    reports.append(said(cast, publish(cast)))
    right = {row["figure"]: row for row in reports[-1]["corrections"]}
    imposed, verified = right["imposed_cents"], right["verified_cents"]
    assert (imposed["corrected_cents"], imposed["later_cents"]) == (-10_000_00, 0)
    assert imposed["reasons"] == ["Eerste herstel.", "Herstel van het herstel."]
    assert verified["corrected_cents"] == -cents
    assert verified["later_cents"] > 0
    assert verified["reasons"] == ["De verkeerde persoon."]

    reagree(cast, contract, 100_000_00, "Toch niet.")
    accepted(cast, line)  # nothing of it stood in the report before: it comes in now
    reports.append(said(cast, publish(cast)))
    (back,) = reports[-1]["corrections"]
    assert (back["figure"], back["corrected_cents"]) == ("imposed_cents", 10_000_00)
    assert back["reasons"] == ["Toch niet."]

    reopened(cast, line, "Nog eens gekeken.")
    accepted(cast, line)  # taken back and booked again as it was: nothing is otherwise
    reports.append(said(cast, publish(cast)))
    assert reports[-1]["corrections"] == []
    for before, now in pairwise(reports):
        require_explained(before, now)


@pytest.mark.parametrize(
    ("kind", "year"),
    [(ReportKind.ANNUAL, 2026), (ReportKind.COUNCIL, 2025), (ReportKind.COUNCIL, 2026)],
)
def test_whichever_report_tells_of_a_year_next_says_what_it_tells_otherwise(
    cast: Cast, contract: int, kind: ReportKind, year: int
) -> None:
    """An account comes once a year: what was put right since stands in that of the next."""
    before = said(cast, publish(cast))
    reagree(cast, contract, 80_000_00, "De opdrachtsom klopte niet.")
    people(cast, contract, 0, 1)
    next_one = said(cast, publish(cast, kind, year=year))
    (correction,) = next_one["corrections"]
    assert (correction["year"], correction["figure"]) == (2025, "imposed_cents")
    assert (correction["before_cents"], correction["now_cents"]) == (100_000_00, 80_000_00)
    assert correction["reasons"] == ["De opdrachtsom klopte niet."]
    require_explained(before, next_one)
    assert next_one["before"] is None  # of its own kind and year it is the first


def test_each_year_is_held_against_the_report_that_told_it_last(cast: Cast, contract: int) -> None:
    first = said(cast, publish(cast))
    reagree(cast, contract, 80_000_00, "Eerste herstel.")
    second = said(cast, publish(cast, year=2026))
    people(cast, contract, 0, 1)
    again = said(cast, publish(cast))
    require_explained(second, again)
    assert again["corrections"] == []  # the one of 2026 told it already
    require_explained(again, said(cast, publish(cast, year=2026)))
    assert first["corrections"] == []


def test_what_was_bought_otherwise_is_told(cast: Cast, contract: int) -> None:
    assert contract
    own = (cast.adviser, cast.hilversum)
    (first,) = bought(*own, line(kvk="", supplier="Een ander"))
    before = said(cast, publish(cast))
    answer(cast, first, **explained())
    bought(*own, line(kvk="", supplier="Nog een", cents=3_000_000_00), name="Inkopen, meer")
    changes = said(cast, publish(cast, year=2026))["changes"]
    assert [
        (row["year"], row["figure"], row["before_cents"], row["now_cents"]) for row in changes
    ] == [
        (2025, "above_cents", 2_000_000_00, 5_000_000_00),
        (2025, "explained_cents", 0, 2_000_000_00),
        (2025, "room_cents", 2_000_000_00, 3_000_000_00),
    ]
    assert {row["report"] for row in changes} == {1}
    assert before["changes"] == []


def test_people_of_a_year_are_told_by_a_report_about_the_same_contracts(
    cast: Cast, contract: int
) -> None:
    """A team may award contracts of its own: these are not those that it looks after."""
    people(cast, contract, 0, 6)
    team = replace(cast, adviser=cast.team, hilversum=cast.region)
    register(team, reference="REG-1")
    publish(cast, ReportKind.REGIONAL, who="team")
    document = said(cast, publish(cast, who="team", year=2026), who="team")
    of_before = next(row for row in document["years"] if row["year"] == 2025)
    assert (of_before["verified_cents"], of_before["people"]) == (0, None)
    assert document["corrections"] == document["changes"] == []


def test_a_contract_that_is_voided_is_put_right_and_a_new_one_is_told(
    cast: Cast, contract: int
) -> None:
    first = said(cast, publish(cast))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        today = timezone.localdate()
        void_contract(access, reason="Dubbel geregistreerd.", key=uuid4(), today=today)
    register(cast, reference="HIL-2025-900")
    second = said(cast, publish(cast))
    (gone,) = second["corrections"]
    assert (gone["figure"], gone["reasons"]) == ("imposed_cents", ["Dubbel geregistreerd."])
    assert gone["corrected_cents"] == -gone["before_cents"]
    assert gone["later_cents"] == gone["now_cents"] > 0
    assert second["contracts_new"] == 1
    require_explained(first, second)


def test_few_people_are_hidden_in_every_row_and_in_the_next_report_too(
    cast: Cast, contract: int
) -> None:
    people(cast, contract, 0, 6)
    people(cast, contract, 0, 2, "wep")
    document = said(cast, publish(cast))
    year = document["years"][-1]
    assert year["people"] == 8
    kinds = next(one for one in document["divisions"] if one["by"] == "kind")
    assert [row["people"] for row in kinds["rows"]] == [None]  # two rows, told as one
    assert kinds["rows"][0]["label"] is None
    assert not {"rows", "hidden"} & {*kinds["rows"][0], *document}  # not which, and not how many
    people(cast, contract, 6, 8)
    again = said(cast, publish(cast, ReportKind.COUNCIL))
    assert again["years"][-1]["people"] is None  # 10 less 8 would tell of two people
    with acting_as(cast.adviser.pk) as acting:
        kind, own = ReportKind.ANNUAL, cast.hilversum.pk
        ids = contracts_for(acting, own, kind)
        assert TOTAL in hidden_in(own, kind, people_behind(ids, 2025, None))


def test_a_code_that_was_exchanged_or_erased_moves_nothing_that_is_told(
    cast: Cast, contract: int
) -> None:
    people(cast, contract, 0, 6)
    people(cast, contract, 0, 2, "wep")
    kinds = (ReportKind.ANNUAL, ReportKind.COUNCIL)
    for number in range(6):  # into the next year as well
        both: dict[str, Any] = {
            "begin": date(2025, 11, 1),
            "eind": date(2026, 4, 30),
            "persoon": f"P-pw_lt2-{number}",
        }
        accepted(cast, hand_in(cast, contract, kenmerk=f"beide-{number}", **both))
    first = [said(cast, publish(cast, kinds[0], year=year)) for year in (2025, 2026)]
    with acting_as(cast.contractor_manager.pk) as acting:
        exchange_code(acting, Person.objects.get(code="P-pw_lt2-0"), "N-1")
        exchange_code(acting, Person.objects.get(code="P-wep-0"), "P-pw_lt2-0")
        erase_code(acting, Person.objects.get(code="P-pw_lt2-1"))
    again = [said(cast, publish(cast, kinds[1], year=year)) for year in (2025, 2026)]
    assert [year["people"] for year in first[1]["years"][-2:]] == [8, 6]
    for before, after in zip(first, again, strict=True):
        for part in ("years", "divisions", "corrections"):
            assert after[part] == before[part], part


def test_a_team_and_a_contractor_make_reports_of_their_own(cast: Cast, contract: int) -> None:
    people(cast, contract, 0, 6)
    regional = said(cast, publish(cast, ReportKind.REGIONAL, who="team"), who="team")
    clients = next(one for one in regional["divisions"] if one["by"] == "client")
    assert [row["label"][0] for row in clients["rows"]] == ["Gemeente Hilversum"]
    assert [row["people"] for row in clients["rows"]] == [None]
    year = regional["years"][-1]
    assert (year["people"], year["partners"], year["enterprises"]) == (6, 1, 0)
    statement = publish(cast, ReportKind.STATEMENT, who="contractor")
    assert said(cast, statement, who="contractor")["years"][-1]["contracts"] == 1


def test_the_latest_goal_holds_and_stands_in_the_report(cast: Cast, contract: int) -> None:
    del contract
    with acting_as(cast.adviser.pk) as acting:
        for amount in (20, 26, None, 26):
            set_goal(
                acting, cast.hilversum.pk, measure=Measure.PLACES, year=2025, amount=amount,
                source="Raadsbesluit 12", key=uuid4(),
            )  # fmt: skip
        assert goals_of(cast.hilversum.pk, [2025])[2025][Measure.PLACES].amount == 26
    year = said(cast, publish(cast))["years"][-1]
    assert year["goals"] == {"places": [26, "Raadsbesluit 12"]}
    with acting_as(cast.reader.pk) as acting, pytest.raises(DomainError):
        set_goal(
            acting, cast.hilversum.pk, measure=Measure.PLACES, year=2025, amount=1, source="",
            key=uuid4(),
        )  # fmt: skip
