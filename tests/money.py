"""A scheme with every limit, and short words for deciding and booking."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.amending import agreed, option_used
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.touched import amend_contract
from telmee.apps.decisions import actions
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.registering import found, seen_cents

#: A limit, a bonus that is given once and every kind of cap, all low enough to be reached at once.
SCHEME = """
format = 1
id = "walk"
publisher = "Gemeente Voorbeeld"
applies_to = ["Gemeente Voorbeeld"]
title = { nl = "Voorbeeld: elke grens", en = "Example: every limit" }
standing = "published"

[sources.page]
url = "https://example.org/social-return"
read = "full"

[time]
weekly_hours = 36
source = "page"

[limit]
max_months = 12
gap_months = 6
source = "page"

[blocks.pw]
label = "pw"
category = "placement"
unit = "full_time_year"
amount = 10001
source = "page"

[blocks.project]
label = "project"
category = "activity"
unit = "actual_cost"
source = "page"

[blocks.hours]
label = "hours"
category = "activity"
unit = "hour"
amount = 100
source = "page"

[blocks.custom]
label = { nl = "Maatwerk", en = "Bespoke" }
category = "activity"
unit = "agreement"
judgement = { nl = "De adviseur bepaalt de waarde.", en = "The adviser sets the value." }
source = "page"

[bonuses.start]
label = "start"
amount = 5000
once = true
blocks = ["pw"]
source = "page"

[caps.person]
per = "person"
amount = 12000
blocks = ["pw"]
source = "page"

[caps.day]
per = "day"
amount = 1000
blocks = ["hours"]
source = "page"

[caps.projects]
per = "contract"
share = 10
blocks = ["project"]
source = "page"
"""
PERSON_CENTS, SHARE = 12_000_00, 10


def publish(server: Server, database: str) -> None:
    """Publish the scheme, as owner."""
    with connected(server.owner_url, database):
        SchemeVersion.objects.create(
            scheme_id="walk",
            version="undated",
            family="walk",
            sha256=sha256(SCHEME.encode()).hexdigest(),
            document=SCHEME,
            publisher="Gemeente Voorbeeld",
            title="Voorbeeld",
            has_amounts=True,
        )


def agree(
    access: ContractAccess, *, amount_cents: int, reason: str, effective_on: date, key: UUID
) -> None:
    """Let the parties agree on an obligation in euros, from a day on."""
    wanted = agreed(amount_cents=amount_cents, reason=reason, effective_on=effective_on)
    amend_contract(access, wanted, key=key)


def extend(access: ContractAccess, *, reason: str) -> None:
    """Use the next option of a contract."""
    amend_contract(access, option_used(access.contract, reason=reason), key=uuid4())


def booked(cents: int, **more: Any) -> dict[str, Any]:
    facts = {"amount_cents": cents, "reason": "Zo is het afgesproken."}
    return {**facts, "effective_on": date(2025, 6, 1), "key": uuid4(), **more}


PROJECT: dict[str, Any] = {"bouwblok": "project", "eind": None, "uren_per_week": None}
YEAR: dict[str, Any] = {"bouwblok": "pw", "uren_per_week": 36_00, "begin": date(2025, 1, 1)}
YEAR_TO: dict[str, Any] = {**YEAR, "eind": date(2025, 12, 31)}


def accepted(cast: Cast, line: int, *, by: str = "adviser", **more: Any) -> Decision:
    """Accept a line at its value; when that changed meanwhile, look again, as somebody would."""
    try:
        with acting_as(getattr(cast, by).pk) as acting:
            return accept_as_seen(acting, line, **more)
    except DomainError as error:
        if error.problems[0].code != "decision_value_changed":
            raise
    with acting_as(getattr(cast, by).pk) as acting:
        return accept_as_seen(acting, line, **more)


def accept_as_seen(acting: Acting, line: int, **more: Any) -> Decision:
    """Accept a line at the value that it has on the screen now."""
    access, row = found(acting, line)
    options = {"key": uuid4(), "seen_cents": seen_cents(access, row), **more}
    return decide(access, row, outcome=Outcome.ACCEPTED, **options)


def decide(
    access: ContractAccess,
    line: Contribution,
    *,
    key: UUID,
    version: int | None = None,
    seen_cents: int | None = None,
    seen_on: date | None = None,
    **judged: Any,
) -> Decision:
    """Decide on a line in one breath: what is judged, and what was seen of it."""
    seen = Seen(version, seen_cents, seen_on)
    return actions.decide(access, line, Judgement(**judged), seen=seen, key=key)


def stands(cast: Cast, contract: int) -> Any:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract]
