"""Write docs/errors.md from the words of the problem codes.

Run it after a change in src/telmee/texts/problems; a tidy test compares the page with the words,
so that the page can never tell another story than the program.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "src" / "telmee" / "texts" / "problems"
PAGE = ROOT / "docs" / "errors.md"

_HEAD = """# What can be wrong, and what to do

Every problem has a code that stays, a sentence that says what happened, and a remedy. All problems
of a file are told at once. Words in braces are filled in with what was found; a person's number is
never among them. This page is written by `tools/write_errors_page.py` from the words that the
program itself uses.
"""
_ROOMS = {
    "command": "On the command line",
    "reading": "Reading a file",
    "schemes": "Scheme files",
    "valuation": "Valuing a line",
    "obligations": "Obligations",
    "reports": "Goals and reports",
    "frontend": "What people type in a page",
    "identifiers": "Numbers of organisations",
    "organisations": "Organisations and people",
    "publishing": "Publishing schemes",
    "contracts": "Contracts",
    "relations": "Keeping in touch",
    "contributions": "Contributions, files and proof",
    "decisions": "Decisions",
    "books": "Booking on a contract",
    "settlements": "Settling a contract",
    "letters": "Letters and house styles",
    "trust": "Trust and samples",
    "enforcement": "The enforcement ladder",
    "coverage": "Lists of purchases",
    "ledger": "The check of the books",
    "seals": "The check of the seals",
    "system": "Running an installation",
    "demo": "The example region",
}
#: A figure that brings its noun, one or many: the page has it for many.
_NOUNS = re.compile(r"{(\w+):[^|}]*\|([^}]*)}")


def page() -> str:
    """The text of the page."""
    parts = [_HEAD]
    for room, title in _ROOMS.items():
        parts.append(f"## {title}\n")
        words = tomllib.loads((WORDS / f"{room}.toml").read_text("utf-8"))
        for code in sorted(words):
            entry = words[code]
            parts.append(f"### `{code}`\n\n{entry['en']}\n\n*What to do:* {entry['remedy_en']}\n")
            parts.append(f"> {entry['nl']} {entry['remedy_nl']}\n")
    return _NOUNS.sub(r"{\1} \2", "\n".join(parts))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
