"""One click says that there is nothing to report on a period; both sides see it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from telmee.core.obligations.turnover import PeriodKind, TurnoverPeriod
from tests.apps.reports.test_reporting import asks
from tests.cast import Cast
from tests.days import still_runs
from tests.registering import register


@pytest.fixture
def period() -> TurnoverPeriod:
    """The month before this one."""
    today = timezone.localdate()
    last = date(today.year, today.month, 1) - date.resolution
    return TurnoverPeriod.of_day(last, PeriodKind.MONTH)


def test_it_is_one_click_on_the_contractors_home_and_seen_by_the_client(
    cast: Cast, browse: Any, period: TurnoverPeriod
) -> None:
    contract = register(cast, end=still_runs())
    asks(cast, "month", today=period.first)
    contractor, adviser = browse(cast.contractor), browse(cast.adviser)
    home = contractor.get("/").content.decode()
    assert "Nog te rapporteren" in home
    assert f'value="{period.first}"' in home
    assert "Niets deze periode" not in adviser.get(f"/opdrachten/{contract}").content.decode()
    for _time in range(2):
        sent = contractor.post(
            f"/opdrachten/{contract}/niets-te-melden", {"first": period.first.isoformat()}
        )
        assert sent.headers["Location"] == f"/opdrachten/{contract}"
    assert "Nog te rapporteren" not in contractor.get("/").content.decode()
    for browser in (contractor, adviser):
        page = browser.get(f"/opdrachten/{contract}").content.decode()
        assert "Niets te melden, gezegd op" in page
        assert "Niets deze periode" not in page


def test_from_ones_home_one_stays_there_and_reads_which_contract_it_was(
    cast: Cast, browse: Any, period: TurnoverPeriod
) -> None:
    contract = register(cast, end=still_runs())
    asks(cast, "month", today=period.first)
    contractor = browse(cast.contractor)
    assert 'name="back" value="home"' in contractor.get("/").content.decode()
    assert 'value="home"' not in contractor.get(f"/opdrachten/{contract}").content.decode()
    sent = contractor.post(
        f"/opdrachten/{contract}/niets-te-melden",
        {"first": period.first.isoformat(), "back": "home"},
        follow=True,
    )
    assert sent.redirect_chain[-1][0] == "/"
    assert "Genoteerd voor HIL-2025-001" in sent.content.decode()


@pytest.mark.parametrize("first", ["", "x", "2025-01-02", "9999-12-31"])
def test_what_is_no_period_is_not_written(
    cast: Cast, browse: Any, first: str, period: TurnoverPeriod
) -> None:
    contract = register(cast)
    asks(cast, "month", today=period.first)
    contractor = browse(cast.contractor)
    sent = contractor.post(f"/opdrachten/{contract}/niets-te-melden", {"first": first})
    assert sent.status_code in {302, 404}
    assert "Niets te melden" not in contractor.get(f"/opdrachten/{contract}").content.decode()


def test_a_manager_chooses_how_often_his_contractors_report(cast: Cast, browse: Any) -> None:
    manager = browse(cast.manager)
    address = f"/organisaties/{cast.hilversum.pk}/contact"
    typed = {"first_weeks": "", "every_weeks": "", "report_period": "quarter"}
    assert manager.post(address, typed).status_code == 302
    assert '<option value="quarter" selected' in manager.get(address).content.decode()
    assert manager.post(address, {**typed, "report_period": "day"}).status_code == 422
