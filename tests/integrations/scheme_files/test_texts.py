"""A scheme from the text of its file, as a database keeps it."""

import pytest

from telmee.core.errors import DomainError
from telmee.integrations.scheme_files import load_scheme, load_scheme_text, scheme_text

ID, VERSION = "leiden-2023-09", "2023-09-01"


def test_a_text_gives_the_scheme_of_its_file() -> None:
    assert load_scheme_text(scheme_text(ID, VERSION), VERSION) == load_scheme(ID, VERSION)


def test_another_text_has_another_hash() -> None:
    changed = load_scheme_text(scheme_text(ID, VERSION) + "# a word more\n", VERSION)
    assert changed.sha256 != load_scheme(ID, VERSION).sha256


def test_every_fault_of_a_text_is_told() -> None:
    text = scheme_text(ID, VERSION)
    wrong = text.replace('standing = "published"', 'standing = "perhaps"\ncolour = "blue"')
    with pytest.raises(DomainError) as caught:
        load_scheme_text(wrong, VERSION)
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"not_allowed_value", "unknown_key"}
