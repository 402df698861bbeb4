"""Documents as the reader of scheme files gives them, and a way to change one place of them."""

import copy
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from telmee.core.errors import Problem
from telmee.core.schemes.check import check_document
from telmee.integrations.scheme_files import files
from telmee.integrations.scheme_files.shapes import shape_faults

Document = dict[str, Any]

#: Take the key out.
GONE: Final = object()

_SOUND = """
format = 1
id = "voorbeeld"
publisher = "Gemeente Voorbeeld"
applies_to = ["Noord", "Zuid"]
title = "Voorbeeld"
standing = "published"

[version]
valid_from = "2023-01-01"
valid_to = "2025-12-31"
retroactive_to = "2022-01-01"
source = "page"

[sources.page]
url = "https://example.org/social-return"
read = "full"

[assumed]
"blocks.pw.min_months" = "niet vermeld"

[time]
weekly_hours = 36
source = "page"

[blocks.pw]
label = "Participatiewet"
category = "placement"
unit = "full_time_year"
amount = 30000
min_months = 6
source = "page"

[blocks.purchase]
label = "Inkoop"
category = "social_procurement"
unit = "actual_cost"
needs_certificate = true
source = "page"

[blocks.help]
label = "Hulp"
category = "activity"
unit = "hour"
amount = 100
source = "page"

[bonuses.age50]
label = "50+"
amount = 5000
categories = ["placement"]
source = "page"

[bonuses.training]
label = "Opleiding"
actual_cost = true
blocks = ["pw"]
source = "page"

[caps.person]
per = "person"
amount = 15000
source = "page"

[caps.projects]
per = "contract"
share = 10
source = "page"

[certificates.code]
label = "Code"
percentage = 100
source = "page"

[obligation]
default_client = "Noord"

[obligation.thresholds.noord]
clients = ["Noord"]
amount = 200000
source = "page"

[obligation.percentages.noord]
clients = ["Noord"]
percentage = 5
basis = "contract_sum"
source = "page"

[obligation.discounts.code]
certificates = ["code"]
percentage = 100
source = "page"

[sanctions.fine]
kind = "fine"
factor = 1.5
source = "page"
"""


def sound() -> Document:
    """A document without a fault; the caller may change it."""
    return tomllib.loads(_SOUND, parse_float=Decimal)


def parsed(file: Path) -> Document:
    """Read a file as the loader does."""
    return files._parse(file.read_bytes())


def changed(changes: Mapping[str, Any], document: Document | None = None) -> Document:
    """A document with other values at dotted paths; `GONE` takes the key out."""
    result = copy.deepcopy(document) if document is not None else sound()
    for path, value in changes.items():
        *parents, key = path.split(".")
        table = result
        for parent in parents:
            table = table.setdefault(parent, {})
        if value is GONE:
            del table[key]
        else:
            table[key] = value
    return result


def faults(document: Document) -> tuple[Problem, ...]:
    """Every fault of a document: of its shape, and of what it says."""
    return (*shape_faults(document), *check_document(document))
