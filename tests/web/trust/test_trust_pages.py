"""The rule of a client in a browser: seen beforehand, set, told; and trust given back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.deciding import weigh_waiting
from telmee.apps.trust.lapses import tell_of_lapses
from telmee.apps.trust.models import Rule
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import accepted
from tests.registering import register
from tests.trusting import distrusted, placed, ruled

_TYPED = {
    "is_on": "on",
    "least_lines": "1",
    "least_right_bp": "95%",
    "months": "12",
    "most_cents": "50.000",
    "blocks": ["pw_lt2"],
    "with_assumed": "on",
    "without_proof": "on",
    "away_days": "90",
    "reason": "Wie het goed doet.",
}


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_manager_sees_what_a_rule_would_have_done_and_sets_it(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    for name in ("Eerste", "Tweede"):
        accepted(cast, placed(cast, contract, name))
    manager, address = browse(cast.manager), reverse("trust-rule", args=[cast.hilversum.pk])
    seen = manager.post(address, {**_TYPED, "deed": "preview", "key": str(uuid4())})
    assert seen.status_code == 200
    assert "Van 2 inspanningen die zijn ingediend" in text(seen)
    assert "Wie het goed doet." in text(seen)
    with acting_as(cast.manager.pk):
        assert not Rule.objects.exists()
    wrong = manager.post(address, {**_TYPED, "least_lines": "0", "reason": "", "key": str(uuid4())})
    assert wrong.status_code == 422
    done = manager.post(address, {**_TYPED, "key": str(uuid4())}, follow=True)
    assert "Versie 1" in text(done)
    assert "Staat aan" in text(done)
    line = placed(cast, contract, "Derde")
    weigh_waiting()
    page = text(browse(cast.contractor).get(reverse("contribution", args=[line])))
    assert "automatisch, volgens de regel van de opdrachtgever" in page
    assert "vertrouwensregel versie 1" in page
    weighed = reverse("trust-weighed", args=[cast.hilversum.pk])
    assert "Automatisch geaccepteerd" in text(browse(cast.adviser).get(weighed))
    assert "1 van 1 inspanningen automatisch" in text(manager.get(reverse("trust")))


def test_who_decides_reads_why_a_line_came_to_him(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    ruled(cast, least_lines=5)
    line = placed(cast, contract, "Eerste")
    weigh_waiting()
    page = text(browse(cast.adviser).get(reverse("decide", args=[line])))
    assert "Niet automatisch geaccepteerd: er zijn te weinig inspanningen" in page


def test_both_sides_read_that_trust_is_away_and_that_it_came_back(cast: Cast, browse: Any) -> None:
    pk = distrusted(cast, register(cast))["lapse"]
    address, adviser = reverse("trust"), browse(cast.adviser)
    for who in (cast.contractor, cast.adviser, cast.reader):
        page = text(browse(who).get(address))
        assert "De uren kloppen niet." in page
        assert "Weg tot en met" in page
    lift = reverse("trust-lift", args=[pk])
    assert adviser.post(lift, {"reason": " "}).status_code == 422
    assert "Het vertrouwen is terug" in text(
        adviser.post(lift, {"reason": "Gesproken."}, follow=True)
    )
    assert "Teruggegeven: Gesproken." in text(browse(cast.contractor).get(address))
    assert browse(cast.competitor).get(address).content.decode().count("Gesproken.") == 0


def test_a_mail_says_what_was_wrong_and_names_nobody(cast: Cast) -> None:
    distrusted(cast, register(cast))
    tell_of_lapses()
    mails = mailed()
    subject = "Gemeente Hilversum bekijkt een tijd weer elke inspanning van Bouwbedrijf De Eem"
    assert subject in {mail.subject for mail in mails}
    assert all("uren kloppen" not in str(mail.body) for mail in mails)
