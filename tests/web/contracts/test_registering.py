"""Registering a contract in a browser without script: all at once, once, and nothing typed lost."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import CpvCode
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import register

URL = "/opdrachten/nieuw"


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "key": str(uuid4()),
        "client": str(cast.hilversum.pk),
        "kvk": str(cast.de_eem.kvk),
        "reference": "HIL-2026-1",
        "name": "Schilderwerk scholen",
        "form": "single",
        "category": "services",
        "start": "1-1-2026",
        "end": "31-12-2027",
        "value": "€ 1.000.000,00",
        "scheme": "haaglanden-zhc-2023-07",
        "rules_client": "Den Haag",
        "owes": "agreed",
        "agreed": "50.000,00",
        "percentage_reason": "5% zoals in het bestek",
        **changes,
    }


def only_contract(cast: Cast) -> Any:
    with acting_as(cast.adviser.pk) as acting:
        (found,) = contracts_of(acting)
        return contract_for(acting, found.pk)


def test_a_registered_contract_owes_what_was_agreed(cast: Cast, browse: Any) -> None:
    answer = browse(cast.adviser).post(URL, typed(cast))
    access = only_contract(cast)
    assert answer.headers["Location"] == reverse("contract", args=[access.contract.pk])
    assert access.contractor is not None
    assert access.contractor.organisation_id == cast.de_eem.pk
    with acting_as(cast.contractor.pk):
        assert positions([access.contract.pk])[access.contract.pk].owed_cents == 50_000_00


def test_nobody_is_held_to_the_rules_of_a_client_that_was_assumed(cast: Cast, browse: Any) -> None:
    answer = browse(cast.adviser).post(URL, typed(cast, rules_client=""))
    assert answer.status_code == 422
    assert "Kies van wie de regels gelden." in answer.content.decode()


def test_the_same_form_sent_twice_registers_once(cast: Cast, browse: Any) -> None:
    browser, form = browse(cast.adviser), typed(cast)
    first, second = browser.post(URL, form), browser.post(URL, form)
    assert first.headers["Location"] == second.headers["Location"]
    with acting_as(cast.adviser.pk):
        assert len(entries_of([only_contract(cast).contract.pk])) == 1


def test_everything_that_is_wrong_stands_beside_its_field_at_once(cast: Cast, browse: Any) -> None:
    wrong = typed(
        cast, kvk="12345", end="1-1-2020", value="veel", reference="", owes="none", lot="111222333"
    )
    page = browse(cast.adviser).post(URL, wrong)
    assert page.status_code == 422
    form = page.context["form"]
    assert set(form.errors) == {
        "kvk", "end", "value", "reference", "no_obligation", "lot",
    }  # fmt: skip
    text = page.content.decode()
    for kept in ("12345", "1-1-2020", "veel", "Schilderwerk scholen"):
        assert kept in text


def test_no_obligation_needs_its_reason(cast: Cast, browse: Any) -> None:
    form = typed(cast, owes="none", no_obligation="little_labour")
    page = browse(cast.adviser).post(URL, form)
    assert set(page.context["form"].errors) == {"no_obligation_reason"}
    answer = browse(cast.adviser).post(URL, {**form, "no_obligation_reason": "Alleen leveren."})
    assert answer.status_code == 302
    assert only_contract(cast).contract.no_obligation == "little_labour"


@pytest.mark.parametrize("field", ["reference", "name", "procurement", "lot", "percentage_reason"])
def test_a_bsn_is_refused_in_every_text(cast: Cast, browse: Any, field: str) -> None:
    page = browse(cast.adviser).post(URL, typed(cast, **{field: "van 123456782 dus"}))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}


def test_what_it_owes_comes_live_with_the_version_that_the_date_picks(
    cast: Cast, browse: Any
) -> None:
    form = typed(cast, owes="rules", reference="", name="")
    headers = {"HX-Request": "true", "HX-Target": "scheme-fields"}
    page = browse(cast.adviser).post(URL, form, headers=headers)
    owed = page.context["owed"]
    assert page.status_code == 200
    assert owed.version.scheme_id == "haaglanden-zhc-2023-07"
    assert owed.answer["figures"][0]["cents"]
    assert 'id="owed"' in page.content.decode()


def test_calculating_without_script_keeps_what_was_typed(cast: Cast, browse: Any) -> None:
    form = typed(cast, owes="rules", reference="", calculate="1")
    page = browse(cast.adviser).post(URL, form)
    assert page.status_code == 200
    assert page.context["owed"].answer["figures"][0]["cents"]
    assert "Schilderwerk scholen" in page.content.decode()
    assert not page.context["form"].errors


def test_a_new_contractor_is_added_and_invited(
    cast: Cast, browse: Any, django_capture_on_commit_callbacks: Any
) -> None:
    form = typed(cast, kvk="90000003", contractor_name="Nieuw Groen", email="baas@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        answer = browse(cast.adviser).post(URL, form)
    assert answer.status_code == 302
    assert only_contract(cast).contractor.organisation.name == "Nieuw Groen"
    assert [message.to for message in mailed()] == [["baas@example.org"]]


def test_a_refused_contract_leaves_no_new_contractor(cast: Cast, browse: Any) -> None:
    # No percentage follows from this scheme, so the contract is refused when it is registered.
    form = typed(cast, kvk="90000003", contractor_name="Nieuw", scheme="harlingen", owes="rules")
    assert browse(cast.adviser).post(URL, form).status_code == 422
    with acting_as(cast.adviser.pk):
        assert not Organisation.objects.filter(kvk="90000003").exists()


@pytest.mark.parametrize("who", ["contractor", "reader", "auditor", "outsider", "operator"])
def test_only_a_client_and_its_team_register(cast: Cast, browse: Any, who: str) -> None:
    browser = browse(getattr(cast, who))
    assert browser.get(URL).status_code == 404
    assert browser.post(URL, typed(cast)).status_code == 404


def test_a_client_cannot_register_for_another(cast: Cast, browse: Any) -> None:
    page = browse(cast.colleague).post(URL, typed(cast))
    assert set(page.context["form"].errors) == {"client"}


def test_a_regional_team_registers_for_a_client_that_it_serves(cast: Cast, browse: Any) -> None:
    browser = browse(cast.team)
    assert set(browser.post(URL, typed(cast)).context["form"].errors) == {"client"}
    first = register(cast)
    answer = browser.post(URL, typed(cast))
    assert answer.status_code == 302
    with acting_as(cast.team.pk) as acting:
        made = contracts_of(acting).exclude(pk=first).get()
        roles = {p.role: p.organisation_id for p in contract_for(acting, made.pk).parties}
    assert roles == {
        PartyRole.CLIENT: cast.hilversum.pk,
        PartyRole.REGIONAL_TEAM: cast.region.pk,
        PartyRole.CONTRACTOR: cast.de_eem.pk,
    }


def test_a_call_off_belongs_to_a_framework_of_the_same_client(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    framework = typed(cast, form="framework", kvk="", reference="RAAM-1")
    assert browser.post(URL, framework).status_code == 302
    parent = only_contract(cast).contract.pk
    page = browser.get(URL, {"parent": parent})
    assert page.context["form"]["parent"].value() == str(parent)
    call_off = typed(cast, form="call_off", parent=str(parent), reference="NO-1")
    made = browser.post(URL, call_off)
    assert made.status_code == 302
    shown = browser.get(reverse("contract-obligation", args=[parent]))
    assert shown.context["stands"].position.owed_cents == 50_000_00
    assert "NO-1" in shown.content.decode()
    for who, sees_the_framework in ((cast.adviser, True), (cast.contractor, False)):
        page = browse(who).get(made.url)
        assert page.status_code == 200
        link = f'href="{reverse("contract", args=[parent])}"'
        assert (link in page.content.decode()) is sees_the_framework


def test_a_call_off_begins_with_what_its_framework_says(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    browser.post(URL, typed(cast, form="framework", reference="RAAM-1", procurement="TN-9"))
    framework = only_contract(cast).contract
    begun = browser.get(URL, {"parent": framework.pk}).context["form"]
    asked = {name: begun[name].value() for name in ("client", "kvk", "category", "procurement")}
    assert asked == {
        "client": cast.hilversum.pk,
        "kvk": cast.de_eem.kvk,
        "category": framework.category,
        "procurement": "TN-9",
    }
    assert begun["scheme"].value() == typed(cast)["scheme"]
    colleague = browse(cast.colleague).get(URL, {"parent": framework.pk})
    assert not colleague.context["form"]["kvk"].value()
    for nonsense in ("0", "9" * 18, "9" * 30, "x", "\u0661"):
        assert browser.get(URL, {"parent": nonsense}).status_code == 200


def test_a_contractor_is_found_by_name_or_number(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    offered = f'value="{cast.de_eem.kvk} {cast.de_eem.name}'
    for text in ("eem", "Bouw eem", str(cast.de_eem.kvk)[:4]):
        page = browser.get(reverse("contractor-search"), {"kvk": text}).content.decode()
        assert offered in page, text
    assert "option" not in browser.get(reverse("contractor-search"), {"kvk": "x"}).content.decode()
    page = browser.post(URL, typed(cast, kvk="bouwbedrijf"))
    assert str(cast.de_eem.kvk) in str(page.context["form"].errors["kvk"])
    page = browser.post(URL, typed(cast, kvk="Bestaat niet"))
    assert "KvK-nummer" in str(page.context["form"].errors["kvk"])


@pytest.mark.parametrize("named", ["{kvk} {name}", "{name}", " {kvk} "])
def test_a_contractor_that_was_chosen_from_the_list_is_the_party(
    cast: Cast, browse: Any, named: str
) -> None:
    chosen = named.format(kvk=cast.de_eem.kvk, name=cast.de_eem.name)
    assert browse(cast.adviser).post(URL, typed(cast, kvk=chosen)).status_code == 302
    contractor = only_contract(cast).contractor
    assert contractor is not None
    assert contractor.organisation_id == cast.de_eem.pk


def test_a_contractor_is_asked_unless_it_is_a_framework_agreement(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    assert browser.get(URL).context["form"].fields["kvk"].required
    page = browser.post(URL, typed(cast, kvk=""))
    assert list(page.context["form"].errors) == ["kvk"]
    assert browser.post(URL, typed(cast, kvk="", form="framework")).status_code == 302


def test_a_reference_that_the_client_has_already_is_asked_about(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    browser.post(URL, typed(cast))
    page = browser.post(URL, typed(cast, reference="hil-2026-1 "))
    assert "HIL-2026-1 Schilderwerk scholen" in str(page.context["form"].errors["reference"])
    assert 'name="reference_again"' in page.content.decode()
    other_lot = typed(cast, lot="2")
    assert browser.post(URL, other_lot).status_code == 302
    again = typed(cast, reference="hil-2026-1", reference_again="on")
    assert browser.post(URL, again).status_code == 302
    with acting_as(cast.adviser.pk) as acting:
        assert contracts_of(acting).count() == 3


def test_a_percentage_is_asked_where_the_scheme_leaves_it_open(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    page = browser.post(URL, typed(cast, owes="percentage"))
    assert list(page.context["form"].errors) == ["percentage"]
    page = browser.post(URL, typed(cast, owes="percentage", percentage="2,5"))
    assert list(page.context["form"].errors) == ["percentage"], "this scheme has one"
    open_one = typed(cast, owes="percentage", percentage="2,5 %", scheme="harlingen")
    live = browser.post(URL, open_one, headers={"HX-Request": "true", "HX-Target": "owed"})
    assert "25.000,00" in live.content.decode()
    assert browser.post(URL, open_one).status_code == 302
    access = only_contract(cast)
    page = browser.get(reverse("contract-obligation", args=[access.contract.pk]))
    assert "25.000,00" in page.content.decode()
    assert "2,5%" in page.content.decode()
    assert positions([access.contract.pk])[access.contract.pk].owed_cents == 25_000_00


def test_a_chosen_percentage_is_kept_with_its_reason(cast: Cast, browse: Any) -> None:
    chosen = {"owes": "percentage", "percentage": "2,5", "scheme": "harlingen"}
    browser = browse(cast.adviser)
    page = browser.post(URL, typed(cast, **chosen, percentage_reason=" "))
    assert list(page.context["form"].errors) == ["percentage_reason"]
    assert browser.post(URL, typed(cast, **chosen)).status_code == 302
    contract = only_contract(cast).contract
    assert (contract.chosen_bp, contract.percentage_reason) == (250, "5% zoals in het bestek")


def meant(browser: Any, cast: Cast, **changes: str) -> str:
    """The page beside the form, while a contract is being filled in."""
    live = {"HX-Request": "true", "HX-Target": "owed"}
    page = browser.post(URL, typed(cast, **changes), headers=live)
    return " ".join(page.content.decode().split())


def test_what_an_obligation_means_is_said_and_refuses_nothing(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    usual = meant(browser, cast, wages="800000")
    assert "5% van de waarde van de opdracht" in usual
    assert "6,25% van de arbeid in de opdracht" in usual
    assert "obligation_far" not in usual
    far = typed(cast, wages="100000", agreed="150000")
    beside = meant(browser, cast, wages="100000", agreed="150000")
    assert "obligation_far_of_value" in beside
    assert "obligation_far_of_labour" in beside
    assert browser.post(URL, far).status_code == 302
    page = reverse("contract-obligation", args=[only_contract(cast).contract.pk])
    assert "obligation_far_of_value" in browser.get(page).content.decode()
    of_contractor = browse(cast.contractor).get(page).content.decode()
    assert "15% van de waarde van de opdracht" in of_contractor
    assert "obligation_far_of_value" not in of_contractor


def test_a_contract_is_shown_beside_comparable_ones(cast: Cast, browse: Any) -> None:
    for _ in range(4):
        register(cast, value_cents=1_000_000_00, agreed_cents=20_000_00)
    browser = browse(cast.adviser)
    assert "vergelijkbare" not in meant(browser, cast)
    last = register(cast, value_cents=1_000_000_00, agreed_cents=30_000_00)
    beside = meant(browser, cast)
    assert "5 vergelijkbare opdrachten: van 2% tot 3% van de waarde, in het midden 2%" in beside
    assert "obligation_far_above_others" in beside
    page = browser.get(reverse("contract-obligation", args=[last])).content.decode()
    assert "vergelijkbare" not in page, "a contract is not compared with itself"


def test_a_cpv_code_is_found_by_code_or_word(cast: Cast, browse: Any) -> None:
    with acting_as(cast.adviser.pk):
        known = CpvCode.objects.order_by("code").first()
    assert known is not None
    browser = browse(cast.adviser)
    found = browser.get(reverse("cpv-search"), {"cpv": known.code[:6]}).content.decode()
    assert known.code in found
    page = browser.post(URL, typed(cast, cpv="bestaat niet"))
    assert set(page.context["form"].errors) == {"cpv"}
    assert browser.post(URL, typed(cast, cpv=str(known))).status_code == 302
    assert only_contract(cast).contract.cpv_id == known.code


def test_a_framework_decides_whether_and_its_call_offs_how_much(cast: Cast, browse: Any) -> None:
    browser = browse(cast.adviser)
    rules = {"owes": "rules", "scheme": "schiedam", "rules_client": "", "category": "services"}
    alone = typed(cast, **rules, value="80000", reference="LOS-1")
    live = {"HX-Request": "true", "HX-Target": "owed"}
    assert browser.post(URL, alone, headers=live).context["owed"].answer["figures"][0]["cents"] == 0
    framework = typed(
        cast,
        **rules,
        form="framework",
        kvk="",
        reference="RAAM-1",
        value="600000",
        end="31-12-2026",
    )
    framework |= {"extension_count": "1", "extension_months": "12"}
    assert browser.post(URL, framework).status_code == 302
    parent = str(only_contract(cast).contract.pk)
    owed = 0
    for number, value in enumerate(("80000", "90000"), start=1):
        call_off = typed(
            cast, **rules, form="call_off", parent=parent, reference=f"NO-{number}", value=value
        )
        assert browser.post(URL, call_off).status_code == 302
        owed += int(value) * 5
    stands = browser.get(reverse("contract-obligation", args=[parent])).context["stands"]
    assert stands.position.owed_cents == owed
    late = typed(cast, **rules, form="call_off", parent=parent, value="700000", end="1-1-2028")
    shown = browser.post(URL, late, headers=live).content.decode()
    assert "meer waard dan de hele raamovereenkomst" in shown
    assert "loopt langer dan de raamovereenkomst" in shown
    within = typed(cast, **rules, form="call_off", parent=parent, value="600000", end="31-12-2027")
    assert (
        "Na te gaan: klopt de laatste dag?"
        not in browser.post(URL, within, headers=live).content.decode()
    )


def test_a_call_off_that_does_not_fit_its_framework_is_said_before_and_after(
    cast: Cast, browse: Any
) -> None:
    browser = browse(cast.adviser)
    framework = typed(cast, form="framework", kvk="", reference="RAAM-9", value="600.000")
    framework |= {"extension_count": "1", "extension_months": "6"}
    assert browser.post(URL, framework).status_code == 302
    raam = only_contract(cast).contract.pk

    def call_off(reference: str, **changes: str) -> dict[str, str]:
        usual = {"form": "call_off", "parent": str(raam), "reference": reference, **changes}
        return typed(cast, **{"agreed": "10.000", **usual})

    def said(answer: Any) -> list[str]:
        return re.findall(r"call_offs?_\w+_framework", answer.content.decode())

    live = {"HX-Request": "true", "HX-Target": "owed"}
    page = reverse("contract", args=[raam])
    fits = call_off("NOK-1", value="400.000", end="30-6-2028")
    assert said(browser.post(URL, fits, headers=live)) == []
    assert browser.post(URL, fits).status_code == 302
    assert said(browser.get(page)) == []
    exact = call_off("NOK-2", value="200.000")
    assert said(browser.post(URL, exact, headers=live)) == []
    more = call_off("NOK-3", value="200.001", end="1-7-2028")
    before = browser.post(URL, more, headers=live)
    assert said(before) == ["call_offs_above_framework"]
    assert "loopt langer dan de raamovereenkomst" in before.content.decode()
    both = ["call_offs_above_framework", "call_off_after_framework"]
    assert browser.post(URL, more).status_code == 302
    after = browser.get(page)
    assert said(after) == both
    assert "600.001,00" in after.content.decode()
    assert "30-06-2028" in after.content.decode()
    early = call_off("NOK-4", start="31-12-2025", value="1")
    assert (
        "begint eerder dan de raamovereenkomst"
        in browser.post(URL, early, headers=live).content.decode()
    )
    assert browser.post(URL, early).status_code == 302
    assert said(browser.get(page)) == [*both[:1], "call_off_before_framework", *both[1:]]
