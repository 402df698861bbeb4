"""Which language a run of the command speaks.

Help texts and errors are needed before the options are parsed, so the language is looked up in the
arguments themselves: `--lang`, else `TELMEE_LANG`, else Dutch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from telmee.texts import LANGUAGES, Language


def language_of(arguments: Sequence[str]) -> Language:
    """The language that the arguments or the environment ask for.

    >>> language_of(["value", "--lang", "en"]), language_of(["value", "--lang=en"])
    ('en', 'en')
    """
    wanted = os.environ.get("TELMEE_LANG", "nl")
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
    return next((language for language in LANGUAGES if language == wanted), "nl")
