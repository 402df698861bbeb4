"""What a line is worth while it is typed: as it is kept, as it is filled in, beside mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.cells import Cells, cells_to_value
from telmee.apps.contributions.doubles import doubles_of_cells
from telmee.apps.contributions.suppliers import with_certificate
from telmee.apps.contributions.valuing import typed_cells, value_line
from telmee.core.errors import DomainError
from telmee.core.valuation import Status
from telmee.web.contributions.double_words import beside
from telmee.web.forms import add_problems
from telmee.web.value_forms import LineForm, ShownValue, shown_value

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution


def value_so_far(access: ContractAccess, line: Contribution | None) -> ShownValue | None:
    """Value a draft as it is kept; one that is not finished has no value to tell."""
    if line is None or line.value_status == Status.REFUSED:
        return None
    return _value_of(access, line.organisation_id, cells_to_value(line), line)


def value_typed(
    access: ContractAccess, line: Contribution | None, form: LineForm
) -> ShownValue | None:
    """Value what was filled in; what refuses it stands beside its field as well."""
    if not form.is_valid():
        return None
    valued = _valued(access, line, form)
    if valued.status is Status.REFUSED:
        add_problems(form, DomainError(valued.problems))
    return valued


def value_beside_errors(
    access: ContractAccess, line: Contribution | None, form: LineForm
) -> ShownValue | None:
    """The value where what is wrong with the form does not touch it, such as the reference."""
    if not form.has_value:
        return None
    valued = _valued(access, line, form)
    return None if valued.status is Status.REFUSED else valued


def _valued(access: ContractAccess, line: Contribution | None, form: LineForm) -> ShownValue:
    organisation_id = line.organisation_id if line else access.delivering_for or 0
    cells = with_certificate(form.scheme, typed_cells(organisation_id, form.cells()), line)
    return _value_of(access, organisation_id, cells, line)


def _value_of(
    access: ContractAccess, organisation_id: int, cells: Cells, line: Contribution | None
) -> ShownValue:
    """The value of cells as they are now, with what the line may be double with."""
    about, line_id = (access.contract, organisation_id, cells), line.pk if line else None
    doubles = doubles_of_cells(access.acting, *about, line_id=line_id)
    return beside(shown_value(value_line(*about, line_id=line_id)), doubles)
