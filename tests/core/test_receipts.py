"""What a figure is kept with has one identity, which stays the same in another installation."""

from __future__ import annotations

import hashlib
from datetime import date

from telmee.core.receipts import content_hash, facts_of, steps_from
from telmee.core.valuation import value
from telmee.core.valuation.explanation import explain
from telmee.integrations.scheme_files import load_scheme
from tests.builders import contributions_of


def test_the_hash_is_of_the_plain_text_that_anybody_can_write_again() -> None:
    text = '{"a":"één € 1,50","b":[1,null]}'
    content = {"b": [1, None], "a": "één € 1,50"}
    assert content_hash(content) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_a_source_is_kept_by_its_name_and_read_back_as_its_address() -> None:
    scheme = load_scheme("harlingen")
    row = {"bouwblok": "pw_lt2", "persoon": "p1", "begin": date(2025, 1, 1), "uren_per_week": 24}
    lines = contributions_of([row | {"eind": date(2025, 6, 30)}])
    steps = explain(value(scheme, lines), 0)
    kept = facts_of(steps, scheme)
    names = {facts["source"] for facts in kept if "source" in facts}
    assert names
    assert names <= scheme.sources.keys()
    addresses = {step.source for step in steps_from(kept, scheme)} - {None}
    assert addresses == {scheme.sources[name].url for name in names}
