"""The contractor's pages, through HTTP."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions import evidence
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.handing_in import do_handing_in
from telmee.apps.contributions.models import Contribution, HandingIn, Upload
from telmee.apps.contributions.uploads import read_upload
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.organisations.acting import acting_as
from telmee.web.contributions import drafts
from tests.apps.contributions.test_evidence import PDF, a_line, add
from tests.cast import Cast
from tests.money import decide
from tests.registering import PLACEMENT, found, hand_in, register

pytestmark = pytest.mark.django_db

TYPED = {
    "bouwblok": "pw_lt2",
    "begin": "1-7-2025",
    "eind": "31-12-2025",
    "uren_per_week": "24",
    "persoon": "P-1",
    "kenmerk": "Q-1",
    "note": "",
}


def only(cast: Cast) -> Contribution:
    with acting_as(cast.contractor.pk):
        return Contribution.objects.get()


def new_url(contract: int) -> str:
    return reverse("contribution-new", args=[contract])


def test_the_value_is_told_while_typing_and_nothing_is_kept(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    client = browse(cast.contractor)
    page = client.post(
        new_url(contract), TYPED, headers={"HX-Request": "true", "HX-Target": "value"}
    )
    text = page.content.decode()
    assert "11.762,56" in text
    assert "<html" not in text
    shown = client.post(new_url(contract), {**TYPED, "fields": "1"}).content.decode()
    assert 'value="1-7-2025"' in shown
    with acting_as(cast.contractor.pk):
        assert not Contribution.objects.exists()


def test_what_may_be_double_is_said_while_typing_on_the_line_and_before_handing_in(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    hand_in(cast, contract, persoon="p 1", uren_per_week=36_00)
    client, live = browse(cast.contractor), {"HX-Request": "true", "HX-Target": "value"}
    typed = TYPED | {"begin": "1-6-2025", "persoon": "P  1"}
    sentence = "Dezelfde persoon werkt in deze periode ook op K-1. Samen is dat meer dan voltijd."
    assert sentence in client.post(new_url(contract), typed, headers=live).content.decode()
    saved = client.post(
        new_url(contract), typed | {"doen": "concept", "key": str(uuid4())}, follow=True
    )
    drafts_page = client.get(reverse("contribution-drafts", args=[contract]))
    for page in (saved, drafts_page):
        assert sentence in page.content.decode()
    assert ">Mogelijk dubbel</span>" in drafts_page.content.decode()
    apart = client.post(new_url(contract), typed | {"persoon": "P-2"}, headers=live)
    assert "Dezelfde persoon" not in apart.content.decode()


def test_a_draft_and_handing_in_from_one_form(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    sent = {**TYPED, "key": str(uuid4()), "doen": "indienen"}
    kept, again = (client.post(new_url(contract), sent) for _ in range(2))
    line = only(cast)
    for answer in (kept, again):
        assert (answer.status_code, answer.url) == (302, reverse("contribution", args=[line.pk]))
    assert line.state == State.SUBMITTED
    page = client.get(kept.url).content.decode()
    assert "11.762,56" in page
    assert "Ingediend" in page or "Submitted" in page


def test_an_unfinished_draft_is_kept_with_a_reference_of_its_own(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    typed = {"bouwblok": "pw_lt2", "kenmerk": "", "note": "Volgt.", "doen": "concept"}
    assert browse(cast.contractor).post(new_url(contract), typed).status_code == 302
    assert (only(cast).reference, only(cast).note) == ("001", "Volgt.")


@pytest.mark.parametrize(
    ("field", "typed"),
    [("begin", "maandag"), ("persoon", "123456782"), ("note", "BSN 123456782"), ("eind", "")],
)
def test_what_cannot_be_handed_in_stays_typed(
    cast: Cast, browse: Any, field: str, typed: str
) -> None:
    contract = register(cast)
    sent = {**TYPED, field: typed, "doen": "indienen"}
    page = browse(cast.contractor).post(new_url(contract), sent)
    assert page.status_code == 422
    assert 'value="1-7-2025"' in page.content.decode() or field == "begin"
    assert f'id="id_{field}"' in page.content.decode()
    with acting_as(cast.contractor.pk):
        assert not Contribution.objects.exists()


def test_after_one_line_comes_another_with_the_same_block_and_days(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    answer = client.post(new_url(contract), {**TYPED, "doen": "nog-een"})
    assert only(cast).state == State.DRAFT
    fields = client.get(answer.url).context["form"]
    shown = {name: fields[name].value() for name in ("bouwblok", "begin", "persoon", "kenmerk")}
    assert shown == {
        "bouwblok": "pw_lt2",
        "begin": "01-07-2025",
        "persoon": None,
        "kenmerk": "Q-2",
    }
    assert browse(cast.competitor).get(answer.url).status_code == 404
    for nonsense in ("x", "9" * 30, "-1", ""):
        url = f"{new_url(contract)}?nog-een={nonsense}"
        assert client.get(url).status_code == 200


def test_the_value_stays_beside_what_is_wrong_elsewhere(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    sent = {**TYPED, "doen": "indienen", "begin": "1 juli 2025"}
    page = client.post(new_url(contract), {**sent, "note": "BSN 123456782"}).content.decode()
    assert "11.762,56" in page
    assert "<dd>01-07-2025</dd>" in page, "how the day was read"
    assert "11.762,56" not in client.post(new_url(contract), {**sent, "eind": "x"}).content.decode()


def test_a_draft_that_has_no_value_is_given_none_beside_an_error(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    sent = {"bouwblok": "pw_lt2", "kenmerk": "", "note": "BSN 123456782", "doen": "concept"}
    page = browse(cast.contractor).post(new_url(contract), sent)
    assert (page.status_code, page.context["shown"]) == (422, None)


def test_two_tabs_notice_each_other_and_nothing_is_lost(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    client.post(new_url(contract), {**TYPED, "doen": "concept"})
    url = reverse("contribution-edit", args=[only(cast).pk])
    first = {**TYPED, "uren_per_week": "32", "version": "1", "doen": "concept"}
    assert client.post(url, first).status_code == 302
    page = client.post(url, {**TYPED, "persoon": "P-2", "version": "1", "doen": "concept"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="P-2"' in text
    assert "changed_meanwhile" not in text
    assert 'name="version" value="2"' in text
    assert only(cast).weekly_hours == 32_00


def test_the_contractor_sees_why_and_objects(cast: Cast, browse: Any) -> None:
    line_id = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        decide(
            *found(acting, line_id),
            outcome=Outcome.REJECTED,
            key=uuid4(),
            reason=DecisionReason.PERIOD,
            text="Buiten de looptijd.",
            rule="blocks.pw_lt2.max_months",
        )
    client = browse(cast.contractor)
    page = client.get(reverse("contribution", args=[line_id])).content.decode()
    rule = "jaar in Participatiewet: het maximum in maanden"
    for told in ("Buiten de looptijd.", rule, "Gemeente Hilversum"):
        assert told in page
    url = reverse("contribution-object", args=[line_id])
    assert client.post(url, {"toelichting": ""}).status_code == 422
    assert client.post(url, {"toelichting": "Het valt erbinnen."}).status_code == 302
    assert only(cast).state == State.OBJECTION
    adviser = browse(cast.adviser).get(reverse("contribution", args=[line_id]))
    assert "Het valt erbinnen." in adviser.content.decode()


def test_a_file_is_followed_from_the_page_to_handed_in_lines(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    content = b"kenmerk;bouwblok;begin;eind;uren_per_week\n" + b"".join(
        b"Q-%d;pw_lt2;1-7-2025;31-12-2025;24\n" % n for n in range(3)
    )
    content += b"X;onbekend;1-7-2025;31-12-2025;24\n"
    file = io.BytesIO(content)
    file.name = "kwartaal.csv"
    sent = client.post(reverse("upload-new", args=[contract]), {"bestand": file})
    assert sent.status_code == 302
    waiting = client.get(sent.url).content.decode()
    assert 'id="progress"' in waiting
    polling = {"HX-Request": "true", "HX-Target": "progress"}
    assert "hx-get" in client.get(sent.url, headers=polling).content.decode()
    with acting_as(cast.contractor.pk):
        upload_id = Upload.objects.get().pk
    read_upload(upload_id, cast.contractor.pk)
    assert client.get(sent.url, headers=polling)["HX-Refresh"] == "true"
    page = client.get(sent.url).content.decode()
    assert "B (bouwblok)" in page
    drafts = reverse("contribution-drafts", args=[contract])
    assert "Q-2" in client.get(drafts, {"bestand": upload_id}).content.decode()
    assert client.post(drafts, {"bestand": upload_id}).status_code == 302
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.filter(state=State.SUBMITTED).count() == 3


def test_many_drafts_are_handed_in_by_the_worker_and_the_page_tells_how_far(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "AT_ONCE_MAX", 1)
    contract, client = register(cast), browse(cast.contractor)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_draft(access, {**PLACEMENT, "kenmerk": "Goed"})
        save_draft(access, {"kenmerk": "Zonder dagen", "bouwblok": "pw_lt2"})
    address, key = reverse("contribution-drafts", args=[contract]), str(uuid4())
    assert 'name="key"' in client.get(address).content.decode()
    sent = [client.post(address, {"key": key}) for _ in range(2)]
    assert sent[0].status_code == 302
    assert sent[0].url == sent[1].url, "a form that was sent twice asks once"
    page = sent[0].url
    assert 'id="progress"' in client.get(page).content.decode()
    polling = {"HX-Request": "true", "HX-Target": "progress"}
    assert "hx-get" in client.get(page, headers=polling).content.decode()
    with acting_as(cast.contractor.pk):
        asked = HandingIn.objects.get().pk
    do_handing_in(asked, cast.contractor.pk)
    assert client.get(page, headers=polling)["HX-Refresh"] == "true"
    shown = client.get(page).content.decode()
    assert "Zonder dagen" in shown
    assert ">Goed<" not in shown
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.get().reference == "Goed"


def test_proof_is_added_and_only_ever_saved_by_a_browser(cast: Cast, browse: Any) -> None:
    line_id = a_line(cast)
    file = io.BytesIO(PDF)
    file.name = "factuur.pdf"
    client = browse(cast.contractor)
    added = client.post(reverse("evidence-add", args=[line_id]), {"bestand": file, "soort": ""})
    assert added.status_code == 302
    page = browse(cast.adviser).get(reverse("contribution", args=[line_id])).content.decode()
    (url,) = set(re.findall(rf"/inspanningen/{line_id}/bewijs/\d+(?=\")", page))
    given = browse(cast.adviser).get(url)
    assert given.content == PDF
    assert given["Content-Disposition"] == 'attachment; filename="K-1-bewijs-1.pdf"'
    assert given["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given["Content-Security-Policy"]
    assert browse(cast.competitor).get(url).status_code == 404
    assert browse(cast.adviser).post(f"{url}/verwijderen", {}).status_code == 404
    assert client.post(f"{url}/verwijderen", {"toelichting": "Naam."}).status_code == 302
    assert client.get(url).status_code == 404


_NOT_GIVEN = ("contribution.evidence_altered", "contribution.evidence_missing")


@pytest.mark.parametrize("who", ["contractor", "adviser", "auditor"])
@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        ("altered", "niet meer wat erin is gezet"),
        ("longer", "niet meer wat erin is gezet"),
        ("missing", "Dit bestand is er niet meer"),
    ],
)
def test_a_file_that_was_altered_is_never_sent_and_the_journal_says_so(
    cast: Cast, browse: Any, who: str, harm: str, sentence: str
) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        kept = add(acting, line_id)
    path = evidence.path_of(kept)
    if harm == "missing":
        path.unlink()
    elif harm == "altered":
        content = bytearray(path.read_bytes())
        content[20] ^= 1
        path.write_bytes(content)
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    client = browse(getattr(cast, who))
    given = client.get(reverse("evidence", args=[line_id, kept.pk]))
    assert given.status_code == 409
    assert "Content-Disposition" not in given
    assert sentence in given.content.decode()
    assert b"%PDF" not in given.content
    with acting_as(cast.adviser.pk):
        (event,) = Event.objects.filter(verb__in=_NOT_GIVEN)
        assert event.verb.endswith("missing" if harm == "missing" else "altered")
        assert event.user_id == getattr(cast, who).pk
        assert event.details == {"evidence": kept.pk, "number": 1}
    page = browse(cast.adviser).get(reverse("contribution", args=[line_id])).content.decode()
    assert "niet gegeven" in page or "er niet meer is" in page


def test_who_decides_records_what_he_saw_and_who_delivers_reads_it(cast: Cast, browse: Any) -> None:
    line_id = hand_in(cast, register(cast))
    url = reverse("sighting-add", args=[line_id])
    assert browse(cast.adviser).post(url, {"gezien_op": "1-7-2025"}).status_code == 302
    assert browse(cast.contractor).post(url, {"gezien_op": ""}).status_code == 404
    page = browse(cast.contractor).get(reverse("contribution", args=[line_id])).content.decode()
    assert url not in page
    assert "Gemeente Hilversum, op 01-07-2025" in page


def test_the_last_period_is_copied_with_new_dates(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line_id = hand_in(cast, contract)
    client, url = browse(cast.contractor), reverse("contribution-copy", args=[contract])
    assert 'value="01-07-2025"' in client.get(url).content.decode()
    assert client.post(url, {"key": str(uuid4())}).status_code == 422
    sent = {
        "key": str(uuid4()),
        f"kies-{line_id}": "on",
        f"begin-{line_id}": "1-7-2025",
        f"eind-{line_id}": "31-12-2025",
    }
    assert client.post(url, sent).status_code == 302
    with acting_as(cast.contractor.pk):
        assert Contribution.objects.get(state=State.DRAFT).begin == date(2025, 7, 1)


@pytest.mark.parametrize("who", ["adviser", "auditor", "competitor", "outsider"])
def test_who_does_not_deliver_has_no_forms(cast: Cast, browse: Any, who: str) -> None:
    contract = register(cast)
    client = browse(getattr(cast, who))
    for name in ("contribution-new", "contribution-copy", "contribution-drafts", "upload-new"):
        assert client.get(reverse(name, args=[contract])).status_code == 404
