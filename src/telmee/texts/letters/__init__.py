"""What letters say: the facts of one in, its words on paper out.

Each kind has a file of words, and a function that puts its facts in order as blocks. Nothing here
knows how paper looks (`telmee.integrations.typesetting`) or where facts come from
(`telmee.apps.letters`).
"""

from telmee.texts.letters.example import example_blocks
from telmee.texts.letters.fields import described, fields_of
from telmee.texts.letters.kinds import KINDS, Kind
from telmee.texts.letters.reports import REPORT_KINDS, example_fields
from telmee.texts.letters.sheet import Sheet, letter_of
from telmee.texts.letters.specimen import SPECIMENS

__all__ = [
    "KINDS",
    "REPORT_KINDS",
    "SPECIMENS",
    "Kind",
    "Sheet",
    "described",
    "example_blocks",
    "example_fields",
    "fields_of",
    "letter_of",
]
