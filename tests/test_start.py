"""Each test starts the same, whichever test its worker ran before."""

import pytest
from django.utils import translation


@pytest.mark.parametrize("left_in", ["en", "de"])
def test_a_test_starts_in_the_language_of_the_installation(left_in: str) -> None:
    assert translation.get_language() == "nl"
    translation.activate(left_in)
