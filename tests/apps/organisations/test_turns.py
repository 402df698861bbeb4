"""The same key twice does something once, also when both come at the same moment."""

from __future__ import annotations

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import find_or_add_contractor
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before
from tests.at_once import at_once, meeting
from tests.cast import Cast


def test_what_was_made_is_found_by_its_key_and_else_there_is_nothing(cast: Cast) -> None:
    with acting_as(cast.adviser.pk):
        known = Organisation.objects.filter(kvk=cast.de_eem.kvk)
        assert done_before("one", known) == cast.de_eem
        assert done_before("other", Organisation.objects.filter(kvk="31000009")) is None


def test_two_at_the_same_moment_make_one(cast: Cast, own_database: str) -> None:
    del own_database
    both_act, added = meeting(2), set[int]()

    def add() -> None:
        with acting_as(cast.adviser.pk) as acting:
            both_act.wait()
            added.add(find_or_add_contractor(acting, kvk="31000009", name="Nieuw BV").pk)

    assert at_once(add, add) == ["done", "done"]
    assert len(added) == 1
