"""What the register of recognised enterprises says of the supplier of a purchase.

Who names the supplier need not type the certificate: its key in the scheme and its last day follow
from the recognition that was valid on the day of the invoice. What somebody typed himself stays;
what followed from a supplier goes with him.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from telmee.apps.contributions.cells import Cells
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.choices import RecognitionKind
from telmee.apps.organisations.models import Recognition
from telmee.core.periods import NO_DAY, date_of, day_of
from telmee.core.schemes.model import Certificate, Scheme
from telmee.core.tables.columns import Coded
from telmee.core.tables.contribution_columns import (
    BEGIN,
    BLOCK,
    CERTIFICATE,
    CERTIFICATE_UNTIL,
    SUPPLIER,
    Contributions,
)

_OF_CERTIFICATE = (CERTIFICATE, CERTIFICATE_UNTIL)
#: The key that a scheme gives to a recognition; of PSO the step comes with it.
_KEYS: Mapping[str, str] = {
    RecognitionKind.PSO: "pso",
    RecognitionKind.CODE: "code",
    RecognitionKind.LOCAL: "recognised",
    RecognitionKind.ASPIRANT: "aspirant",
}


def with_certificate(scheme: Scheme, cells: Cells, line: Contribution | None = None) -> Cells:
    """Cells with the certificate of their supplier, where none was typed. One query at most.

    `line` is the draft that they take the place of: the certificate of its supplier is not that of
    another one.
    """
    if line is not None and line.supplier not in ("", cells.get(SUPPLIER)):
        cells = _without_that_of(line, cells)
    supplier, begin = str(cells.get(SUPPLIER) or ""), cells.get(BEGIN)
    if not supplier or cells.get(CERTIFICATE) or not isinstance(begin, date):
        return cells
    counting = _counting(scheme, str(cells.get(BLOCK) or ""))
    known = _held(counting, _recognitions([supplier])[supplier], begin)
    return {**cells, **dict(zip(_OF_CERTIFICATE, known, strict=True))}


def _without_that_of(line: Contribution, cells: Cells) -> Cells:
    """Cells without the certificate that a line had, unless another one was typed since."""
    had = (line.certificate, line.certificate_until)
    if (cells.get(CERTIFICATE), cells.get(CERTIFICATE_UNTIL)) != had:
        return cells
    return {name: cell for name, cell in cells.items() if name not in _OF_CERTIFICATE}


def with_certificates(scheme: Scheme, lines: Contributions) -> Contributions:
    """The lines of a file with the certificates of their suppliers. Runs at most one query."""
    if not lines.supplier.names:
        return lines
    recognitions = _recognitions(lines.supplier.names)
    keys = [lines.certificate[n] for n in range(len(lines))]
    until = lines.certificate_until.copy()
    for n, key in enumerate(keys):
        supplier, begin = lines.supplier[n], int(lines.begin[n])
        if supplier and not key and begin != NO_DAY:
            counting = _counting(scheme, lines.block[n] or "")
            keys[n], last = _held(counting, recognitions[supplier], date_of(begin))
            until[n] = NO_DAY if last is None else day_of(last)
    return replace(lines, certificate=Coded.of(keys), certificate_until=np.asarray(until))


def _recognitions(suppliers: Iterable[str]) -> Mapping[str, Sequence[Recognition]]:
    rows: dict[str, list[Recognition]] = defaultdict(list)
    recognitions = Recognition.objects.filter(organisation__kvk__in=suppliers)
    for row in recognitions.select_related("organisation").order_by("pk"):
        rows[str(row.organisation.kvk)].append(row)
    return rows


def _counting(scheme: Scheme, block_key: str) -> Mapping[str, Certificate]:
    """The certificates that count with a block, by their keys; those of the scheme for another."""
    block = next((block for block in scheme.blocks if block.key == block_key), None)
    certificates = block.certificates if block else ()
    return {certificate.key: certificate for certificate in certificates or scheme.certificates}


def _held(
    counting: Mapping[str, Certificate], recognitions: Sequence[Recognition], day: date
) -> tuple[str | None, date | None]:
    """What counts for most of what was valid on a day: its key, and its last day."""
    held = [
        (certificate.percentage_bp or 0, certificate.key, row.valid_until)
        for row in recognitions
        if row.is_valid_on(day) and (certificate := _among(counting, row)) is not None
    ]
    if not held:
        return None, None
    _most, key, last = max(held, key=lambda one: (one[0], one[2] or date.max))
    return key, last


def _among(known: Mapping[str, Certificate], row: Recognition) -> Certificate | None:
    """The certificate that a recognition is: PSO by its step, else as a whole."""
    key = _KEYS[row.kind]
    if row.kind == RecognitionKind.PSO:
        step = re.search(r"30|[123]", row.level)
        exact = f"{key}_{step[0]}{'plus' if step[0] == '30' else ''}" if step else key
        return known.get(exact) or known.get(key)
    return known.get(key)
