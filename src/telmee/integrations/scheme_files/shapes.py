"""What is wrong with the shape of a scheme file, in words of our own.

`schemes/schema.json` says what belongs where. What the library says of a fault is English and names
a pattern; here each kind of fault has a code, and so a sentence with its remedy.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from telmee.core.errors import Param, Problem

if TYPE_CHECKING:
    import jsonschema

_SCHEMA = Path(__file__).resolve().parents[4] / "schemes" / "schema.json"
#: Look for the key that was meant in so many cases; a file of only mistakes is no typing slip.
_GUESSES_MAX = 100
_SHOWN_MAX = 60

#: The code of a fault by the rule that is broken and, of a type or a pattern, by which one.
_CODES: Mapping[tuple[str, Any], str] = {
    ("type", "number"): "wrong_number",
    ("type", "integer"): "wrong_number",
    ("type", "string"): "wrong_text",
    ("type", "array"): "wrong_list",
    ("type", "object"): "wrong_table",
    ("type", "boolean"): "wrong_switch",
    ("pattern", "^[a-z][a-z0-9_]*$"): "wrong_key",
    ("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"): "wrong_day",
    ("pattern", "^https?://[^ ]+$"): "wrong_address",
}
_CODES_OF_RULES: Mapping[str, str] = {
    "pattern": "wrong_id",
    "minLength": "empty_text",
    "minItems": "empty_list",
    "uniqueItems": "repeated_item",
    "minProperties": "no_entry",
}
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum")


def shape_faults(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Every fault of shape, in the order of the places where they are."""
    guesses = iter(range(_GUESSES_MAX))
    seen: set[tuple[str, str | None, str]] = set()
    for error in sorted(_validator().iter_errors(document), key=lambda e: list(map(str, e.path))):
        for problem in _problems(error, guesses):
            # The library tells "required" once per key, each time with the whole list.
            fact = (problem.code, problem.column, str(problem.params.get("value")))
            if fact not in seen:
                seen.add(fact)
                yield problem


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    import jsonschema  # noqa: PLC0415 - with its own schemas a tenth of what a command loads

    schema = json.loads(_SCHEMA.read_text("utf-8"), parse_float=Decimal)
    return jsonschema.Draft202012Validator(schema)


def _problems(error: jsonschema.ValidationError, guesses: Iterator[int]) -> Iterator[Problem]:
    path = ".".join(str(part) for part in error.absolute_path)
    rule, wanted, value = error.validator, cast("Any", error.validator_value), error.instance
    if rule == "additionalProperties" and isinstance(value, Mapping):
        known = sorted(cast("Mapping[str, Any]", error.schema).get("properties", {}))
        for key in sorted(set(value) - set(known)):
            close = [] if next(guesses, None) is None else difflib.get_close_matches(key, known)
            params = {"key": key[:_SHOWN_MAX], "known": ", ".join(close or known)}
            yield Problem("unknown_key", f"{path}.{key[:_SHOWN_MAX]}".lstrip("."), params=params)
    elif rule == "required":
        for key in sorted(set(wanted) - set(cast("Mapping[str, Any]", value))):
            yield Problem("missing_key", f"{path}.{key}".lstrip("."), params={"key": key})
    elif rule in ("enum", "const"):
        allowed = wanted if isinstance(wanted, list) else [wanted]
        params = {"value": _shown(value), "allowed": ", ".join(map(str, allowed))}
        yield Problem("not_allowed_value", path, params=params)
    else:
        yield _of_value(error, path)


def _of_value(error: jsonschema.ValidationError, path: str) -> Problem:
    """The problem of one value: of which kind it should be, or between which bounds."""
    rule, schema = str(error.validator), cast("Mapping[str, Any]", error.schema)
    params: dict[str, Param] = {"value": _shown(error.instance)}
    if rule in _BOUNDS:
        above = "exclusiveMinimum" in schema
        least = schema["exclusiveMinimum" if above else "minimum"]
        code = "number_above_bounds" if above else "number_out_of_bounds"
        bounds: dict[str, Param] = {"least": int(least), "most": int(schema["maximum"])}
        return Problem(code, path, params=params | bounds)
    if rule == "oneOf" and _is_text(schema):
        return Problem("wrong_text", path, params=params)
    if rule in ("type", "pattern") and "pattern" in schema:
        rule, wanted = "pattern", schema["pattern"]
    else:
        wanted = error.validator_value if rule == "type" else None
    code = _CODES.get((rule, wanted)) or _CODES_OF_RULES.get(rule) or "wrong_value"
    if code == "wrong_value":
        params["key"] = path.rpartition(".")[2]
    return Problem(code, path, params=params)


def _is_text(schema: Mapping[str, Any]) -> bool:
    """Whether a sentence belongs there: Dutch, or a table with `nl`."""
    return any("nl" in choice.get("properties", {}) for choice in schema["oneOf"])


def _shown(value: Any) -> str:
    """Repeat a value as it stands in TOML, as far as a sentence has room for it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ … }"
    return f"{value}"[:_SHOWN_MAX]
