"""What contracts are loaded, beside those that are written out for the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from telmee.apps.contracts.choices import Category, Form, NoObligation, PartyRole
from telmee.apps.ledger.choices import Kind
from telmee.core.periods import later_end
from telmee.demo.names import WORK
from telmee.demo.people import Client, Contractor, Region
from telmee.demo.profiles import Profile

_YEAR = 365.25
#: How many days ago a pool began, as its client proposed it then.
POOL_DAYS = 60
#: What the weights come to on average, over the years and lengths that are drawn.
_MEAN_WEIGHT = 2.45


@dataclass(slots=True)
class Agreement:
    """A contract that is to be loaded.

    `lines` is how many contributions are handed in on it, and `met` which share of what it owes by
    now they come to. `transfers` are entries beside obligation and effort: kind, cents and reason.
    Lots have the same `tender`, and call-offs the `framework` of theirs. `sum_percent` is what its
    sum, or the amount that was agreed, becomes half way. Contracts of the same two with the same
    `pool` are in one pool; one that waits is only proposed. With a `part_bp` it is an initiative,
    of contracts of several contractors. `taken_by` took it over lately.
    """

    client: Client
    contractor: Contractor
    name: str
    category: Category
    cpv: str
    start: date
    end: date
    adviser: int
    lines: int = 0
    met: float = 1.0
    form: Form = Form.SINGLE
    framework: str = ""
    tender: str = ""
    lot: str = ""
    no_obligation: NoObligation | None = None
    extensions: int = 0
    parties: list[tuple[int, PartyRole]] = field(default_factory=list)
    helpers: list[Contractor] = field(default_factory=list)
    transfers: list[tuple[Kind, int, str]] = field(default_factory=list)
    plan: int = 1
    closed: bool = False
    sum_percent: int = 100
    pool: str = ""
    pool_waits: bool = False
    part_bp: int | None = None
    taken_by: Contractor | None = None

    @property
    def pool_key(self) -> UUID:
        """The key of its pool: contracts of one client with the same name of it have the same."""
        return uuid5(NAMESPACE_URL, f"pool {self.client.id} {self.pool}")


class Drawing:
    """Draws contracts by chance, the same ones each time."""

    def __init__(self, region: Region, profile: Profile, day: date, rng: Random) -> None:
        self._region, self._profile, self._day, self._rng = region, profile, day, rng
        self._client_weights = list(accumulate(profile.client_weights()))
        # As with who awards, a few win a lot.
        self._company_weights = list(
            accumulate((n + 20) ** -0.8 for n in range(profile.contractors))
        )

    def draw(self, count: int, lines: int) -> Iterator[Agreement]:
        """Draw contracts, with that many contributions on all of them together."""
        # Effort comes with time: a contract draws its share once it is known how long it runs.
        share, left = lines / count / _MEAN_WEIGHT, 0.0
        for _ in range(count):
            agreement = self._one()
            left += share * self._weight(agreement)
            agreement.lines = max(0, round(left)) if self._began(agreement) else 0
            left -= agreement.lines
            yield agreement

    def _began(self, agreement: Agreement) -> bool:
        return agreement.start < self._day - timedelta(days=45)

    def _weight(self, agreement: Agreement) -> float:
        passed = (min(self._day, agreement.end) - agreement.start).days / _YEAR
        return max(0.0, passed) * self._rng.lognormvariate(0, 0.8)

    def _one(self) -> Agreement:
        rng = self._rng
        (client,) = rng.choices(self._region.clients, cum_weights=self._client_weights)
        (company,) = rng.choices(self._region.contractors, cum_weights=self._company_weights)
        category, name, cpv = rng.choice(WORK)
        started = rng.randrange(-30, int(self._profile.years * _YEAR))
        start = (self._day - timedelta(days=started)).replace(day=1)
        end = later_end(start - timedelta(days=1), rng.choice((12, 24, 24, 36, 36, 48)))
        ended = end < self._day
        helper = [rng.choice(self._region.contractors)] if rng.random() < 0.1 else []
        return Agreement(
            client=client,
            contractor=company,
            name=name,
            category=category,
            cpv=cpv,
            start=start,
            end=end,
            met=min(1.6, max(0.1, rng.gauss(1.08 if ended else 1.0, 0.3))),
            adviser=rng.choice(client.advisers),
            no_obligation=rng.choice(tuple(NoObligation)[1:]) if rng.random() < 0.03 else None,
            extensions=rng.choice((0, 0, 1, 2)),
            helpers=[other for other in helper if other is not company],
            plan=rng.choice((0, 1, 1, 2)),
            closed=ended and rng.random() < 0.6,
        )
