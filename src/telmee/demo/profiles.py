"""How much is loaded: the demonstration, and the sizes that real registers have or would have."""

from __future__ import annotations

from dataclasses import dataclass

from telmee.core.errors import DomainError, Problem

_CONTRACTS_OF_ONE = 150


@dataclass(frozen=True, slots=True)
class Profile:
    """One size: how many of everything, over how many years of history.

    `lines` counts contributions. `told_lines` is how many of the latest lines of a contract have
    their own events in the journal; what came before is in the books and the decisions all the
    same, and a journal of all of it would say nothing that a page shows.
    """

    name: str
    clients: int
    contractors: int
    contracts: int
    lines: int
    years: int = 5
    told_lines: int = 2

    def client_weights(self) -> list[float]:
        """Each client's part of the contracts: a few award a lot and many award little."""
        return [(number + 10) ** -0.9 for number in range(self.clients)]

    def advisers(self) -> list[int]:
        """How many advisers each client has: one for every 150 contracts or so.

        That is what a coordinator has on average in Twente, by WIZZR's customer story.
        """
        weights = self.client_weights()
        each = self.contracts / sum(weights)
        return [max(1, round(each * weight / _CONTRACTS_OF_ONE)) for weight in weights]


#: What is loaded without a profile.
DEMO = Profile("demo", 8, 36, 190, 1_500, years=3, told_lines=1000)
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("municipality", 1, 15, 20, 400),
        # As many contracts as the largest client of the national profile has.
        Profile("large-client", 1, 300, 1_346, 27_000),
        Profile("region", 10, 400, 750, 15_000),
        Profile("city", 11, 600, 1_500, 30_000),
        Profile("seventy-clients", 70, 1_800, 10_000, 200_000),
        Profile("national", 400, 10_000, 60_000, 1_250_000),
    )
}


def profile_named(name: str | None) -> Profile:
    """A profile by its name; without a name the demonstration.

    Raises `DomainError` `unknown_profile`.
    """
    if name is None:
        return DEMO
    if name not in PROFILES:
        params = {"profile": name[:60], "known": ", ".join(PROFILES)}
        raise DomainError(Problem("unknown_profile", "--scale", params=params))
    return PROFILES[name]
