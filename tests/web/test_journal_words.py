"""Everything that the actions write in a journal can be read there: no verb without words."""

from __future__ import annotations

import re

import pytest

from telmee.apps.agreements import choices as agreements
from telmee.apps.decisions.choices import Outcome
from telmee.core.ledger import EntryKind
from telmee.web.contracts import contract_words
from telmee.web.contributions import line_words
from telmee.web.organisations import views as organisation_pages
from tests.tidy import project

_VERB = re.compile(r'"((?:agreement|contract|contribution|ledger|organisation)\.[a-z_]+)"')
#: Verbs that are put together, which no search for a text can find.
_MADE = {
    *(f"contribution.{outcome}" for outcome in Outcome),
    *(f"contribution.{step}" for step in ("taken_back", "withdrawn", "objected_to")),
    *(f"agreement.{outcome}" for outcome in ("proposed", *agreements.Outcome)),
    *(f"contract.{kind}" for kind in (EntryKind.WAIVED, EntryKind.PENALTY)),
}
_APPS = project.ROOT / "src" / "telmee" / "apps"
_WRITTEN = {
    verb
    for path in _APPS.glob("*/*.py")
    if path.name not in {"models.py", "row_security.py"}
    for verb in _VERB.findall(path.read_text("utf-8"))
    if not verb.startswith("ledger.entry")
} | _MADE


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (("agreement", "contract", "contribution", "ledger"), contract_words.DEEDS),
        (("contribution",), line_words.DEEDS),
        (("organisation",), organisation_pages.DEEDS),
    ],
    ids=["contract", "contribution", "organisation"],
)
def test_every_verb_has_words(kinds: tuple[str, ...], told: dict[str, str]) -> None:
    written = {verb for verb in _WRITTEN if verb.partition(".")[0] in kinds}
    assert len(written) > 5
    assert written <= told.keys()
