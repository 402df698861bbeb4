"""A sample in a browser without script: drawn, looked at line by line, and taken along."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from telmee.apps.organisations.acting import acting_as
from telmee.apps.trust.models import Sample
from tests.apps.trust.test_samples import decided_lines
from tests.cast import Cast
from tests.registering import register
from tests.trusting import sampled


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_sample_is_drawn_with_what_was_typed_and_nothing_typed_is_lost(
    cast: Cast, browse: Any
) -> None:
    register(cast)
    adviser, address = browse(cast.adviser), reverse("sample-draw")
    assert "Startwoord" in text(adviser.get(address))
    own = f"{cast.hilversum.pk}-{cast.hilversum.pk}"
    wrong = {"drawing": own, "decided": "all", "first": "1-1-2025", "last": "31-12-2099"}
    wrong |= {"size": "12", "seed": "rekenkamer", "key": str(uuid4())}
    refused = adviser.post(address, wrong)
    assert refused.status_code == 422
    assert 'value="rekenkamer"' in text(refused)
    assert "De periode klopt niet" in text(refused)
    yesterday = f"{timezone.localdate() - timedelta(days=1):%d-%m-%Y}"
    adviser.post(address, {**wrong, "last": yesterday})
    page = adviser.post(address, {**wrong, "last": yesterday}, follow=True)  # a double click
    assert "Er was niets met een bedrag" in text(page)
    with acting_as(cast.adviser.pk):
        (sample,) = Sample.objects.all()
    assert (sample.seed, sample.size) == ("rekenkamer", 12)


def test_lines_are_looked_at_one_after_the_other_until_the_error_is_told(
    cast: Cast, browse: Any
) -> None:
    line = decided_lines(cast, register(cast), 3)[0]
    ids = sampled(cast.auditor, cast.hilversum, cast.audit_office, line)
    auditor, page = browse(cast.auditor), reverse("sample", args=[ids["sample"]])
    assert "zodra" not in text(auditor.get(page))
    assert "Geschatte fout" not in text(auditor.get(page))
    with acting_as(cast.auditor.pk):
        lines = [item[0] for item in Sample.objects.get(pk=ids["sample"]).items]
    first, *others = (reverse("sample-review", args=[ids["sample"], pk]) for pk in lines)
    wrong = {"verdict": "wrong", "right_cents": "", "reason": "Uren kloppen niet."}
    refused = auditor.post(first, {**wrong, "key": str(uuid4())})
    assert refused.status_code == 422
    assert "Uren kloppen niet." in text(refused)
    done = auditor.post(first, {**wrong, "right_cents": "1,00", "key": str(uuid4())})
    assert done.url == others[0]
    for address in others:
        done = auditor.post(address, {"verdict": "right", "reason": "", "key": str(uuid4())})
    assert done.url == page
    told = text(auditor.get(page))
    assert "Geschatte fout" in told
    assert "Klopt niet" in told
    # Who decided is not asked, and the client reads what was seen, and why.
    assert "<textarea" not in text(browse(cast.adviser).get(first))
    assert "Uren kloppen niet." in text(browse(cast.second_adviser).get(first))


def test_the_files_hold_all_that_is_needed_to_draw_it_again(cast: Cast, browse: Any) -> None:
    line = decided_lines(cast, register(cast), 4)[0]
    ids = sampled(cast.auditor, cast.hilversum, cast.audit_office, line)
    auditor, address = browse(cast.auditor), reverse("sample-file", args=[ids["sample"]])
    told = auditor.get(address).json()
    population = "".join(f"{number};{cents}\n" for number, cents in told["population"])
    assert hashlib.sha256(population.encode()).hexdigest() == told["hash"]
    facts = [told["method"], told["seed"], told["hash"], str(told["interval"]), ""]
    start = int(hashlib.sha256("\n".join(facts).encode()).hexdigest(), 16) % told["interval"] + 1
    assert start == told["start"]
    table = auditor.get(address, {"soort": "csv"}).content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(table), delimiter=";")
    assert head == ["Inspanning", "Centen", "Getrokken centen"]
    assert [[int(a), int(b)] for a, b, _hits in rows] == told["population"]
    drawn = {str(item["line"]): str(item["hits"]) for item in told["drawn"]}
    assert {number: hits for number, _cents, hits in rows if hits != "0"} == drawn
