"""The document about contributions says what the table of transitions says."""

from __future__ import annotations

from telmee.apps.contributions.transitions import TRANSITIONS
from tests.tidy import project


def test_the_document_has_every_step_as_it_is() -> None:
    lines = project.read(project.ROOT / "docs/contributions.md").splitlines()
    start = lines.index("| step | from | by | to |") + 2
    told = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        told.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    assert told == [
        (str(t.step), ", ".join(sorted(t.states)), str(t.side), str(t.to or "\N{EN DASH}"))
        for t in TRANSITIONS
    ]
