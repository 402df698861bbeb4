"""Every column has its words, once and in both languages."""

import tomllib

import pytest

from telmee.core.schemes.model import Unit
from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.core.tables.plan_columns import PLAN
from telmee.core.tables.purchase_columns import PURCHASE_LIST
from telmee.core.tables.turnover_columns import TURNOVER_SHEET
from telmee.texts import LANGUAGES, Language
from telmee.texts.columns import column_help, column_label, sheet_messages
from tests.tidy import project

WORDS = tomllib.loads(project.read(project.ROOT / "src/telmee/texts/columns.toml"))
KINDS = {f"kind.{kind.unit}" for kind in Kind}
IN_UNITS = {f"{name}.{unit}" for name in CONTRIBUTION for unit in Unit}
#: What a spreadsheet shows at most.
MESSAGE_MAX = 255


def test_every_column_has_a_label_and_nothing_is_left_over() -> None:
    columns = CONTRIBUTION.keys() | TURNOVER_SHEET.keys() | PLAN.keys() | PURCHASE_LIST.keys()
    assert columns <= WORDS.keys()
    assert WORDS.keys() <= columns | KINDS | IN_UNITS


@pytest.mark.parametrize("name", WORDS)
def test_both_languages_say_the_same(name: str) -> None:
    words = WORDS[name]
    said = {key.rpartition("_")[0] for key in words}
    assert "label" in said <= {"label", "help", "cell"}
    assert words.keys() == {f"{key}_{language}" for key in said for language in LANGUAGES}
    for key, text in words.items():
        assert text.strip() == text != "", key
        is_sentence = name in KINDS or not key.startswith("label")
        assert text.endswith(".") == is_sentence, key


@pytest.mark.parametrize("name", CONTRIBUTION)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_is_explained_once(name: str, language: Language) -> None:
    words = WORDS[name]
    cell, sentence = words.get(f"cell_{language}"), words.get(f"help_{language}")
    assert cell is None or cell != sentence
    assert column_label(name, language) != column_help(name, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_says_how_each_value_is_written(language: Language) -> None:
    messages = sheet_messages(CONTRIBUTION, language)
    assert [*messages] == [*CONTRIBUTION]
    for name, message in messages.items():
        assert 0 < len(message) <= MESSAGE_MAX, name
        assert "{" not in message, name
    assert "168" in messages["uren_per_week"]
    for name in CONTRIBUTION.of_kind(Kind.DATE):
        assert messages[name].endswith(WORDS["kind.date"][f"label_{language}"])


def test_a_label_is_as_exact_as_the_block() -> None:
    assert column_label("begin", "nl") == "Eerste dag"
    assert column_label("begin", "nl", Unit.ACTUAL_COST) == "Datum van de factuur"
    assert column_label("begin", "en", Unit.HOUR) == "First day"
