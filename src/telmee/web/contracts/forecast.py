"""The forecast of a contract: what it counts, what it assumes, and what will be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import Form
from telmee.apps.reports.course import Course
from telmee.core.ledger import Outlook
from telmee.web.charts import Chart, Series
from telmee.web.contracts.risk_words import not_counted
from telmee.web.templatetags.telmee import day, euros


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is said of the end of a contract: the outcome, and all that it leans on.

    `will_miss` marks a contract that falls short even if all comes true, long before its end.
    """

    outcome: str
    will_miss: bool
    assumptions: tuple[str, ...]


def forecast_of(outlook: Outlook, met_on: date | None) -> Forecast | None:
    """The forecast of a contract on which something is still open; None where there is nothing."""
    if outlook.is_closed or outlook.is_over or not outlook.position.open_cents:
        return None
    return Forecast(_outcome(outlook, met_on), outlook.will_miss, tuple(_assumptions(outlook)))


def _outcome(outlook: Outlook, met_on: date | None) -> str:
    if met_on is not None and not outlook.will_miss:
        return _("What is owed is met on %(day)s.") % {"day": day(met_on)}
    text = _(
        "At the end %(missing)s will be missing. That is %(month)s more for each month that is"
        " left."
    )
    figures = {
        "missing": euros(outlook.missing_cents),
        "month": euros(outlook.missing_per_month_cents),
    }
    beyond = not_counted(outlook.beyond_expected_cents)
    return " ".join(filter(None, (text % figures, beyond)))


def _assumptions(outlook: Outlook) -> list[str]:
    """What must come true for the forecast to come true, only where it counts for something."""
    said = []
    if outlook.undecided_cents:
        text = _("The client accepts all that waits for a decision: %(amount)s.")
        said.append(text % {"amount": euros(outlook.undecided_cents)})
    if outlook.planned_cents:
        text = _("The plan is carried out from today on, evenly over its days: %(amount)s.")
        said.append(text % {"amount": euros(outlook.planned_cents)})
    if outlook.not_agreed_cents:
        text = _(
            "%(amount)s of the plan is not agreed: it is the word of the contractor. Without it"
            " %(rest)s is expected."
        )
        rest = outlook.expected_cents - outlook.not_agreed_cents
        said.append(text % {"amount": euros(outlook.not_agreed_cents), "rest": euros(rest)})
    return [
        *said,
        _("What is owed stays as it is: %(amount)s.")
        % {"amount": euros(outlook.position.owed_cents)},
    ]


def course_chart(course: Course, owed_cents: int, today: date) -> Chart:
    """Promised, delivered and verified side by side in time, with today and what is owed."""
    stood = [moment.stood for moment in course.moments]
    return _in_time(
        course,
        today,
        _("The course of this contract"),
        _(
            "What was promised, delivered and verified at the end of each month, up to today,"
            " against what is owed now."
        ),
        {
            _("Owed"): [owed_cents for each in stood],
            _("Promised"): [then.promised_cents if then else None for then in stood],
            _("Delivered"): [then.delivered_cents if then else None for then in stood],
            _("Verified"): [then.position.verified_cents if then else None for then in stood],
        },
    )


def of_call_offs(access: ContractAccess) -> bool:
    """Whether the figures of a contract are those of its call-offs together."""
    return access.contract.form == Form.FRAMEWORK


def described(access: ContractAccess, text: str) -> str:
    """What a drawing of what counts shows, with what of a framework agreement it leaves out."""
    if not of_call_offs(access):
        return text
    return " ".join((text, _("Of each call-off no more counts than it owes.")))


def forecast_chart(access: ContractAccess, course: Course, owed_cents: int, today: date) -> Chart:
    """What counted so far and what is expected from today on, against what is owed."""
    moments = course.moments
    return _in_time(
        course,
        today,
        _("The forecast in time"),
        described(
            access,
            _(
                "What counted at the end of each month, and from today on what is expected to count"
                " by then, against what is owed now."
            ),
        ),
        {
            _("Owed"): [owed_cents for each in moments],
            _("Expected"): [moment.expected_cents for moment in moments],
            _("Counts so far"): [
                moment.stood.position.met_to_count_cents if moment.stood else None
                for moment in moments
            ],
        },
    )


def _in_time(
    course: Course,
    today: date,
    title: str,
    description: str,
    series: Mapping[str, Sequence[int | None]],
) -> Chart:
    days = [moment.day for moment in course.moments]
    return Chart(
        title=title,
        description=description,
        labels=[day(each) for each in days],
        series=[Series(name, values) for name, values in series.items()],
        kind="lines",
        unit="cents",
        first_heading=_("Day"),
        days=days,
        marked=today,
        mark=_("Today"),
    )
