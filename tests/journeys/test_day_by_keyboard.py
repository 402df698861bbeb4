"""The day of an adviser with a keyboard and nothing else, with every key counted.

Two keys for a line that he accepts, six for a question, two for a task that is done, at the pace of
`tests.journeys.counting`. With twenty seconds to read each, 300 lines on 150 contracts are two
hours a quarter, 30 questions half an hour and 60 tasks two minutes.
"""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Question
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.actions import add_task
from telmee.apps.relations.models import Task
from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.counting import Counted
from tests.registering import hand_in, register

#: Two lines accepted without their proof, a question asked, two tasks finished: each key is one.
_KEYS_MAX = {"accept": 4, "ask": 6, "task": 4}


def test_an_adviser_works_through_his_day_with_keys_alone(cast: Cast, sign_in: SignIn) -> None:
    contract = register(cast)
    lines = [hand_in(cast, contract, kenmerk=f"A-{n}", persoon=f"A-{n}") for n in range(4)]
    day = timezone.localdate()
    with acting_as(cast.adviser.pk) as acting:
        hilversum = cast.hilversum.pk
        for text in ("Bellen over het plan", "Nakijken van het bewijs"):
            add_task(acting, organisation_id=hilversum, owner_id=cast.adviser.pk, text=text,
                due_on=day, key=uuid4())  # fmt: skip
    page = sign_in("adviser")
    who, used = Counted(page), {}

    def counted(what: str, before: int) -> None:
        used[what] = who.clicks - before

    page.goto("/werklijst")
    who.key("j", goes_on=False)
    before = who.clicks
    for _line in lines[:2]:
        who.key("a")
        who.key("Enter")
    counted("accept", before)
    before = who.clicks
    who.key("Enter")
    who.key("v")
    who.write("Hoeveel uur was het na de zomer?")
    who.keys_to("Vraag versturen")
    counted("ask", before)
    page.goto("/vandaag")
    before = who.clicks
    for _task in range(2):
        who.key("j", goes_on=False)
        who.key("d")
    counted("task", before)
    who.key("t")  # a new task
    assert all(used[what] <= _KEYS_MAX[what] for what in _KEYS_MAX), used
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.filter(contract=contract, state=State.ACCEPTED).count() == 2
        assert Question.objects.filter(contribution__contract=contract).count() == 1
        assert Task.objects.filter(owner=cast.adviser.pk, done_at=None).count() == 0
