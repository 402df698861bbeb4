"""What looks at every page sees what it is for."""

from __future__ import annotations

from tests.journeys.conftest import SignIn
from tests.journeys.pages import broken_rules

_PAGE = """<html lang="nl"><title>Rijen</title><main><h1>Rijen</h1><table>
<thead><tr><th scope="col">Naam</th></tr></thead>
<tbody>{rows}</tbody></table></main></html>"""
_ROW = "<tr><td>een</td></tr>"
_PALE = '<tr><td style="color: #eee">twee</td></tr>'


def test_of_rows_that_are_alike_one_is_looked_at_and_what_differs_too(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.set_content(_PAGE.format(rows=_ROW * 3))
    assert broken_rules(page) == []
    page.set_content(_PAGE.format(rows=_ROW * 3 + _PALE * 2))
    (fault,) = broken_rules(page)
    assert fault.endswith("color-contrast at tr:nth-child(4) > td")
