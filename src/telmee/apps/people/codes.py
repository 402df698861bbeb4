"""The code of a person as its row keeps it: as it was typed, and as it is compared."""

from __future__ import annotations

from telmee.core.contributions.person_codes import person_key
from telmee.core.overlap.near_codes import near_forms


def fields_of(code: str | None) -> dict[str, str | None]:
    """The fields of a person's row that follow from a code; nothing of one that is erased."""
    if code is None:
        return dict.fromkeys(("code", "code_key", "near_parts", "near_whole"))
    key = person_key(code)
    parts, whole = near_forms(key)
    return {"code": code, "code_key": key, "near_parts": parts, "near_whole": whole}
