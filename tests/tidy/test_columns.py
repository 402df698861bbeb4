"""A column has one home: its name stands in the register and in its words, and nowhere else."""

import ast

import pytest

from telmee.core.tables.contribution_columns import BEGIN, CONTRACT, CONTRIBUTION
from tests.tidy import project

REGISTER = "src/telmee/core/tables/contribution_columns.py"
#: The names that are nothing but a column; "begin" and "contract" are words of other things too.
NAMES = CONTRIBUTION.keys() - {BEGIN, CONTRACT}

_RULES = "a rule of valuation is about certain columns, and its faults say which"
_CONTRACT = "a contract has facts and amounts of its own, with the same Dutch names"
# A place that knows these names, and why.
EXEMPT = {
    "src/telmee/core/valuation/asks.py": _RULES,
    "src/telmee/core/valuation/engine.py": _RULES,
    "src/telmee/core/valuation/explanation.py": _RULES,
    "src/telmee/core/valuation/faults.py": _RULES,
    "src/telmee/core/valuation/line_receipt.py": _RULES,
    "src/telmee/core/obligations/contract.py": _CONTRACT,
    "src/telmee/core/obligations/discounts.py": _CONTRACT,
    "src/telmee/apps/contracts/actions.py": _CONTRACT,
    "src/telmee/apps/contracts/amending.py": _CONTRACT,
    "src/telmee/apps/contracts/booking.py": _CONTRACT,
    "src/telmee/apps/contracts/facts.py": _CONTRACT,
    "src/telmee/cli/obligation.py": _CONTRACT,
    "src/telmee/web/contracts/amend_forms.py": _CONTRACT,
    "src/telmee/web/contracts/booking.py": _CONTRACT,
    "src/telmee/web/contracts/correcting.py": _CONTRACT,
    "src/telmee/web/contracts/register_form.py": _CONTRACT,
    "src/telmee/web/schemes/forms.py": _CONTRACT,
    "src/telmee/texts/letters/fields.py": "as effort.py beside it",
    "src/telmee/texts/letters/effort.py": "fields of somebody's template, by names that stay",
    "src/telmee/demo/effort.py": "it makes lines up, as somebody would who types them in a file",
}


def columns_in(source: str) -> set[str]:
    """The names of columns that stand as a literal in a piece of code."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES
    }


def test_a_column_is_named_in_its_register_alone() -> None:
    naming = {
        project.name(path): columns
        for path in project.files(".py", under="src/telmee")
        if (columns := columns_in(project.read(path)))
    }
    elsewhere = {name: naming[name] for name in naming.keys() - EXEMPT.keys() - {REGISTER}}
    assert elsewhere == {}, "take the name from the register"
    assert EXEMPT.keys() - naming.keys() == set(), "these exemptions are no longer needed"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('cells["persoon"]', {"persoon"}),
        ('BLOCK = "bouwblok"; field = {"eind": 1}', {"bouwblok", "eind"}),
        ("persoon = cells[PERSON]", set()),
        ('order_by("begin"), form["toelichting"]', set()),
    ],
)
def test_the_checker_sees_a_name(source: str, found: set[str]) -> None:
    assert columns_in(source) == found
