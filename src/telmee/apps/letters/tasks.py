"""Background work of letters: making the paper of one."""

from __future__ import annotations

from procrastinate import Blueprint, RetryStrategy

from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.letters.actions import make_paper as make

tasks = Blueprint()
_WAIT_SECONDS = 3


@tasks.task(name="make_paper", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def make_paper(*, letter_id: int, contract_id: int, user_id: int) -> None:
    """Make the paper of a letter."""
    make(letter_id, contract_id, user_id)
