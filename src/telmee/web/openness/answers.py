"""The five answers of an account, for the page that shows them."""

from __future__ import annotations

from telmee.apps.openness.queries import OpenAccount
from telmee.web.openness import questions
from telmee.web.reports.tables import ahead_table, coverage_table
from telmee.web.reports.words import counted_of, more_than_delivered


def answers(shown: OpenAccount) -> dict[str, object]:
    """What `openness/_answers.html` shows of an account."""
    document = shown.document
    return {
        "account": shown,
        "reached": questions.reached(document),
        "of_contractors": questions.asked_of_contractors(document),
        "buying_power": questions.buying_power(document),
        "coverage": coverage_table(document),
        "more_than_delivered": more_than_delivered(document),
        "euros_chart": questions.euros_chart(document),
        "progress_chart": questions.progress_chart(document),
        "ahead": ahead_table(document),
        "of_later": questions.of_later(document),
        "bought": questions.bought(document),
        "people": questions.people(document),
        "not_well": questions.not_well(document),
        "where_chart": questions.where_chart(document),
        "whom_chart": questions.whom_chart(document),
        "unknown": questions.not_known(document),
        "counted": list(counted_of(document)),
    }
