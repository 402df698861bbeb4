"""Who ends leniency reads on which contracts it ends, wherever he came from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.leniency import Wanted, grant_to_all
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import register


def test_ended_from_one_contract_leniency_of_all_says_that_it_ends_on_all(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    today = timezone.localdate()
    days = Wanted(Ground.CRISIS, "Corona", first=today, last=today + timedelta(days=30))
    with acting_as(cast.manager.pk) as acting:
        row = grant_to_all(acting, cast.hilversum, days, key=uuid4())
    client, url = browse(cast.manager), reverse("leniency-end", args=[row.pk])
    assert url in client.get(reverse("contract-enforcement", args=[contract])).content.decode()
    page = client.get(url).content.decode()
    assert "Coulance op alle opdrachten stoppen" in page
    assert cast.hilversum.name in page
    answer = client.post(url, {"reason": "Voorbij"})
    assert answer.url == reverse("ladder-settings", args=[cast.hilversum.pk])
    row.refresh_from_db()
    assert row.ended_on is not None
