"""Valuation: contributions and a scheme in, named columns out.

One engine values a batch; one contribution is a batch of one. Each step adds a column, and the
explanation of a line is those columns, so that a screen, an import and a report cannot differ.

`rules` lays a scheme out in arrays; `claims` and `windows` do what one line can know, `persons`
runs the clock of a person, `factors` and `values` come to cents, `caps` takes off what is over a
maximum; `engine` puts them in order; `explanation` and `line_receipt` tell what happened. The
meaning of each step, to the cent, is in
docs/algorithms/valuation.md.
"""

from telmee.core.valuation.engine import ENGINE_VERSION, Status, Valuation, value

__all__ = ["ENGINE_VERSION", "Status", "Valuation", "value"]
