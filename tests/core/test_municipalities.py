import pytest

from telmee.core import municipalities
from telmee.core.municipalities import all_names, current_name, plain_name, same_name
from telmee.core.obligations import assess
from telmee.core.obligations.clients import same_client
from tests.core.obligations.published import FIVE, HAAGLANDEN, contract_of, scheme_of, steps


@pytest.mark.parametrize(
    "typed",
    [
        *("Den Haag", "'s-Gravenhage", "\N{RIGHT SINGLE QUOTATION MARK}s-Gravenhage"),
        *("s Gravenhage", "Gemeente Den  Haag", "GEMEENTE 'S-GRAVENHAGE", "The Hague"),
    ],
)
def test_the_hague_is_known_by_every_name(typed: str) -> None:
    assert same_client(HAAGLANDEN, typed) == "Den Haag"


@pytest.mark.parametrize(
    ("typed", "client"),
    [
        ("Voorburg", "Leidschendam-Voorburg"),
        ("leidschendam voorburg", "Leidschendam-Voorburg"),
        ("Bussum", None),
        ("Haag", None),
    ],
)
def test_a_name_of_before_a_merger_leads_to_the_municipality_of_today(
    typed: str, client: str | None
) -> None:
    assert same_client(HAAGLANDEN, typed) == client


def test_a_municipality_of_today_is_not_taken_for_what_was_merged_into_it() -> None:
    scheme = scheme_of(FIVE, ("Uden", "Gemeente Súdwest-Fryslân"))
    assert same_client(scheme, "uden") == "Uden"
    assert same_client(scheme, "Maashorst") is None
    assert same_client(scheme, "Landerd") is None
    assert same_client(scheme, "Sudwest Fryslan") == "Gemeente Súdwest-Fryslân"
    assert same_client(scheme, "Sneek") == "Gemeente Súdwest-Fryslân"


def test_the_story_says_under_which_name_a_client_was_looked_up() -> None:
    for typed, how in (("'s-Gravenhage", "same"), ("Den Haag", None)):
        found = assess(HAAGLANDEN, contract_of(1_000_000, client=typed))
        assert (found.client, steps(found)["client"]) == ("Den Haag", "Den Haag")
        (step,) = (step for step in found.explanation if step.step == "client")
        assert step.params.get("how") == how
    found = assess(HAAGLANDEN, contract_of(1_000, client="Voorburg", labour_share_bp=5_000))
    (step,) = (step for step in found.explanation if step.step == "client")
    assert step.params == {"how": "merged", "named": "Voorburg"}


def test_no_name_leads_to_two_municipalities() -> None:
    for table in (municipalities._ALSO, municipalities._MERGED):
        names = [plain_name(name) for others in table.values() for name in others.split("; ")]
        assert len(names) == len(set(names))
        today = {plain_name(cbs) for cbs in table}
        assert not today & set(names), "a municipality of today is no other name of another"


def test_the_names_of_a_municipality_lead_back_to_it() -> None:
    for cbs in {**municipalities._ALSO, **municipalities._MERGED}:
        assert {current_name(name) for name in all_names(cbs)} == {same_name(cbs)}, cbs
    assert all_names("Leiden") == ("Leiden",)
