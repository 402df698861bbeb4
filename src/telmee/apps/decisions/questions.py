"""Ask about a line before deciding on it, and answer: the same line goes back and comes again.

Nothing is handed in from scratch. What the answer corrects gets a figure of its own, and the figure
that was asked about stays with its story.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.telling import tell_party
from telmee.apps.contributions.actions import correct, locked
from telmee.apps.contributions.cells import Cells
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.recording import record_on_line
from telmee.apps.contributions.transitions import MOVED, Step, move, require_step
from telmee.apps.decisions.models import Question, Reply
from telmee.apps.decisions.reviewers import is_his_own
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems
from telmee.core.tables.contribution_columns import REFERENCE

#: How long somebody mostly has for an answer, and how long at most.
USUAL_DAYS, MOST_DAYS = 14, 366


@holding()
def ask(
    access: ContractAccess,
    line: Contribution,
    *,
    text: str,
    due: date,
    key: UUID,
    version: int | None = None,
) -> Question:
    """Ask about a line that waits: it goes back to who delivered it until `due`, the last day.

    The same `key` twice asks once. Raises `missing_explanation` and what else refuses a text,
    `question_term`, `own_line`, `changed_meanwhile`, `wrong_state`.
    """
    faults = reason_problems(text)
    today = timezone.localdate()
    if not today <= due <= today + timedelta(days=MOST_DAYS):
        params = {"first": today, "last": today + timedelta(days=MOST_DAYS)}
        faults.append(Problem("question_term", "termijn", params=params))
    if faults:
        raise DomainError(faults)
    known = done_before(key, Question.objects.filter(key=key, contribution=line.pk))
    if known is not None:
        return known
    row = locked(line, version)
    require_no_code(row, text)
    organisation_id = require_step(access, row, Step.ASK)
    if is_his_own(access.acting, row):
        raise DomainError(Problem("own_line"))
    question = Question.objects.create(
        contribution=row,
        contract_id=row.contract_id,
        text=text.strip(),
        due=due,
        key=key,
        user_id=access.acting.user_id,
        organisation_id=organisation_id,
    )
    move(access, row, Step.ASK)
    row.save(update_fields=MOVED)
    record_on_line(access, "contribution.asked", row, organisation_id, reason=text)
    _tell(access, row, question, "question_asked")
    return question


@holding()
def reply(
    access: ContractAccess,
    line: Contribution,
    *,
    text: str,
    cells: Cells | None = None,
    note: str | None = None,
    version: int | None = None,
) -> None:
    """Answer the question on a line, with other cells where something had to be corrected.

    The line waits for the client again. Raises as `ask`, and whatever refuses the cells: a line
    does not come back in a form in which it could not be handed in.
    """
    if faults := reason_problems(text):
        raise DomainError(faults)
    row = locked(line, version)
    require_no_code(row, text)
    organisation_id = require_step(access, row, Step.REPLY)
    question = row.questions.latest("pk")
    if cells is not None:
        correct(access, row, cells, note=row.note if note is None else note)
        require_no_code(row, text)  # it may be another person's line now
    Reply.objects.create(
        question=question,
        contribution=row,
        contract_id=row.contract_id,
        text=text.strip(),
        corrected=row.receipt_id != question.receipt_id,
        user_id=access.acting.user_id,
        organisation_id=organisation_id,
    )
    move(access, row, Step.REPLY)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "reference_once" not in str(error):
            raise
        raise DomainError(Problem("reference_used", REFERENCE)) from None
    record_on_line(access, "contribution.replied", row, organisation_id, reason=text)
    _tell(access, row, question, "question_answered")


def questions_on(line: Contribution) -> list[Question]:
    """What was asked about a line, latest first, each with its reply where there is one."""
    return list(line.questions.select_related("reply", "receipt").order_by("-pk"))


def _tell(access: ContractAccess, line: Contribution, question: Question, code: str) -> None:
    """Write a notice to the side that did not act: who delivered, or who asked."""
    sides = [line.organisation_id, question.organisation_id]
    reader, by = sides if code == "question_asked" else reversed(sides)
    tell_party(
        access,
        reader,
        code,
        event=f"question {question.pk}",
        page="contribution",
        args=(line.pk,),
        facts={"by": access.name_of(by), "line": line.reference, "due": question.due.isoformat()},
    )
