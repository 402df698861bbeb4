"""The columns of a plan beside those of a contribution: what two sides agree on how it is done.

Clients and contractors settle these with each other (the survey of 2014 by TNO has them): which
contract of employment somebody gets, how much guidance and training counts, how long it lasts at
least, and what comes before it. None of them changes a value.
"""

from __future__ import annotations

from telmee.core import free_text
from telmee.core.tables.columns import Column, Columns, Kind
from telmee.core.tables.contribution_columns import AMOUNT_CENTS_MAX, HOURS_MAX

EMPLOYMENT, MINIMUM_MONTHS = "soort_dienstverband", "minimale_maanden"
GUIDANCE, GUIDANCE_HOURS, TRAINING = "begeleiding", "begeleiding_uren", "scholing_hoogstens"
TRIAL_WEEKS, PREPARATION, STEPS = "proefplaatsing_weken", "voortraject", "tussenstappen"

#: Which contract of employment somebody gets.
EMPLOYMENTS = (
    "permanent",
    "temporary",
    "agency",
    "secondment",
    "apprenticeship",
    "work_experience",
)

_TEXT = free_text.PLAN_NOTE

#: Every column, in the order of the form.
PLAN = Columns(
    (
        Column(EMPLOYMENT, Kind.KEY, "employment", limit=free_text.KEY, choices="employments"),
        Column(MINIMUM_MONTHS, Kind.COUNT, "minimum_months", maximum=120),
        Column(GUIDANCE, Kind.REFERENCE, "guidance", limit=_TEXT),
        Column(GUIDANCE_HOURS, Kind.HOURS, "guidance_hours", maximum=HOURS_MAX),
        Column(TRAINING, Kind.CENTS, "training", maximum=AMOUNT_CENTS_MAX),
        Column(TRIAL_WEEKS, Kind.COUNT, "trial_weeks", maximum=52),
        Column(PREPARATION, Kind.REFERENCE, "preparation", limit=_TEXT),
        Column(STEPS, Kind.REFERENCE, "steps", limit=_TEXT),
    )
)
