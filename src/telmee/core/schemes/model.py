"""What a rule set is, once its file has been checked.

A scheme is data and never changes after it was read: every field is a published value, or `None`
where the source is silent. Euros are whole cents, percentages basis points (5% = 500), hours
hundredths (36 h = 3600), so that no value ever passes through a float.

The TOML spelling of each field is in docs/scheme-format.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from telmee.core.explain import Text


class Unit(StrEnum):
    """What an amount is for: it decides which columns a line needs."""

    FULL_TIME_YEAR = "full_time_year"
    PERSON_YEAR = "person_year"
    MONTH = "month"
    HOUR = "hour"
    PIECE = "piece"
    PART_DAY = "part_day"
    INTERNSHIP_PERIOD = "internship_period"
    DAY_MAXIMUM = "day_maximum"
    ACTUAL_COST = "actual_cost"
    AGREEMENT = "agreement"
    NOT_STATED = "not_stated"

    @property
    def counts_time(self) -> bool:
        """Whether a line of this unit is a period, and so has limits and minimums."""
        return self in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR, Unit.MONTH)

    @property
    def counts_pieces(self) -> bool:
        """Whether a line of this unit is a number of something: its amount times `aantal`."""
        return self in (Unit.PIECE, Unit.PART_DAY, Unit.INTERNSHIP_PERIOD)


class DayCount(StrEnum):
    """How a period becomes a number of years (docs/algorithms/valuation.md section 2)."""

    ANNIVERSARY = "anniversary"
    MONTHS = "months"
    DAYS_365 = "days_365"
    WEEKS_52 = "weeks_52"
    WORKED_HOURS = "worked_hours"


@dataclass(frozen=True, slots=True)
class Source:
    """A public page and how much of it was read (`full`, `start_only` or `secondary`)."""

    url: str
    read: str
    says: Text | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A published rule that only a person can apply, with where it stands."""

    text: Text
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A recognition of a supplier; `percentage_bp` of its invoices counts, `None` is not stated."""

    key: str
    label: Text
    percentage_bp: int | None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One row of the table: what a kind of effort is worth.

    `amount_cents` is `None` where the source names no amount. `max_months` is this block's limit
    after the scheme's default was applied; `None` counts without end, by the source's own words
    where `unlimited`, and because no source says how long where not. `from_last_benefit_day` tells
    that those months begin after the person's last day on benefit, and not on the first day that
    counts. `max_weekly_hours` and `max_hours` are the most hours of one person that count, a week
    and together. `published` is what the
    source says of the amount where no figure follows from it. `certificates` are those of a
    supplier that count here, each with its percentage here; `own_certificates` tells whether the
    block names them itself. Without any the block asks for none.
    """

    key: str
    label: Text
    category: str
    unit: Unit
    amount_cents: int | None
    percentage_bp: int
    day_count: DayCount
    max_months: int | None
    min_months: int | None
    min_weekly_hours: int | None
    from_last_benefit_day: bool = False
    max_weekly_hours: int | None = None
    max_hours: int | None = None
    certificates: tuple[Certificate, ...] = ()
    own_certificates: bool = False
    or_actual_cost: bool = False
    published: Text | None = None
    target_group: Text | None = None
    groups: tuple[str, ...] = ()
    conditions: tuple[Text, ...] = ()
    evidence: tuple[Text, ...] = ()
    note: Text | None = None
    judgement: Text | None = None
    unlimited: bool = False
    source: str | None = None

    @property
    def is_limited_amount(self) -> bool:
        """Whether of hours or of a cost a part may count, by a limit in months or in hours."""
        limits = (self.max_months, self.max_weekly_hours, self.max_hours)
        limitable = self.unit in (Unit.HOUR, Unit.ACTUAL_COST)
        return limitable and any(limit is not None for limit in limits)

    @property
    def needs_certificate(self) -> bool:
        """Whether the supplier's certificate decides what part of a cost counts."""
        return bool(self.certificates)


@dataclass(frozen=True, slots=True)
class Bonus:
    """An amount on top of a block, for the blocks named in `blocks`, pro-rated as the block is.

    With `actual_cost` the bonus is `percentage_bp` of the line's `bedrag` instead. Of the bonuses
    of one `group` that a line claims, the highest resulting cents win. `once` gives the whole
    amount, on a person's first line that claims it. With `yearly_amount` the bonus is what the
    block of the line is worth for a whole year, once. `published` is as of a block.
    """

    key: str
    label: Text
    amount_cents: int | None
    actual_cost: bool
    percentage_bp: int
    blocks: frozenset[str]
    group: str | None = None
    once: bool = False
    yearly_amount: bool = False
    published: Text | None = None
    conditions: tuple[Text, ...] = ()
    note: Text | None = None
    source: str | None = None

    @property
    def is_silent(self) -> bool:
        """Whether no figure of the source says how much it is."""
        return self.amount_cents is None and not (self.actual_cost or self.yearly_amount)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that lines of some blocks may be worth together.

    `per` is `day`, `person` or `contract`. A contract cap is `share_bp` of the obligation. `label`
    names the kind of effort that it is about, where the source has a name for it.
    """

    key: str
    per: str
    amount_cents: int | None
    share_bp: int | None
    blocks: frozenset[str]
    label: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which contract value an obligation arises.

    `eu_threshold` says that the source names the European threshold; `eu_amount` which of its
    amounts (`works`, `sub_central`, `central`), where that is known. `vat` (`included`, `excluded`)
    says which value is tested; `call_offs` (`framework`, `each`) whether a call-off is tested by
    the value of its framework or by its own.
    """

    key: str
    categories: frozenset[str] | None
    clients: frozenset[str] | None
    amount_cents: int | None
    strictly_above: bool = False
    eu_threshold: bool = False
    eu_amount: str | None = None
    vat: str | None = None
    call_offs: str | None = None
    min_duration_months: int | None = None
    note: Text | None = None
    judgement: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Percentage:
    """How large an obligation is: `percentage_bp` of `basis`, or a range a bidder offers within.

    `basis` is `contract_sum`, `wage_sum` or `turnover`. `labour_share_min_bp` and
    `labour_share_below_bp` bound the share of labour in the contract to which the rule applies.
    With `vat` `included` the base is with VAT; None is not stated, and then it is without.
    """

    key: str
    categories: frozenset[str] | None
    clients: frozenset[str] | None
    percentage_bp: int | None
    basis: str
    labour_share_min_bp: int | None = None
    labour_share_below_bp: int | None = None
    offered_above_bp: int | None = None
    offered_max_bp: int | None = None
    value_above_cents: int | None = None
    vat: str | None = None
    condition: Text | None = None
    judgement: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """What a contractor's own certificate takes off the obligation; 10,000 bp is an exemption.

    `valid` says when the certificate must hold: `tender` or `whole_contract`.
    """

    key: str
    certificates: frozenset[str]
    percentage_bp: int | None
    valid: str | None
    conditions: tuple[Text, ...] = ()
    judgement: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something a party must do by a date reckoned from a moment of the contract.

    `moment` is `bid`, `award`, `final_award`, `start`, `end` or `completion`; `days` is `None`
    where the source names no number. `working` counts working days.
    """

    key: str
    what: Text
    moment: str
    days: int | None
    working: bool = False
    note: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sanction:
    """What happens with the part that was not realised: that part times `factor`.

    `kind` is `fine`, `withholding` or `buy_out`. Without a factor a person decides.
    """

    key: str
    kind: str
    factor: Fraction | None
    recovery_days: int | None = None
    recovery: Text | None = None
    steps: tuple[Text, ...] = ()
    exception: Text | None = None
    judgement: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ObligationRules:
    """What a contract of this client owes and when; every part may be silent."""

    default_client: str | None = None
    notes: tuple[Note, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    percentages: tuple[Percentage, ...] = ()
    cap_cents: int | None = None
    yearly_minimum: Note | None = None
    discounts: tuple[Discount, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    sanctions: tuple[Sanction, ...] = ()

    @property
    def with_vat(self) -> bool:
        """Whether a threshold or a percentage is about the value with VAT."""
        said = [row.vat for row in self.thresholds] + [row.vat for row in self.percentages]
        return "included" in said


@dataclass(frozen=True, slots=True)
class Successor:
    """The version of the same family that comes next: the file of it, and its first day."""

    scheme_id: str
    version: str
    first_day: date


@dataclass(frozen=True, slots=True)
class Scheme:
    """One dated version of one client's rules.

    `assumed` maps the dotted path of a rule to the reason why a value stands there that the source
    does not state. `version` is the name of the file without its extension, `sha256` of its bytes.
    With `limit_counted_in` `worked_time` the source counts the limit in worked days; the clock of
    a person counts calendar days, so somebody must look. `texts` has every sentence that the
    explanation of a figure may repeat, by its path in the file: a receipt keeps the path.
    `successor` is known where the scheme was read from a folder of schemes; it is no part of what
    was published, and no figure leans on it.
    """

    id: str
    version: str
    sha256: str
    family: str
    publisher: str
    applies_to: tuple[str, ...]
    title: Text
    standing: str
    sources: Mapping[str, Source]
    assumed: Mapping[str, Text]
    weekly_hours: int | None = None
    day_count: DayCount = DayCount.ANNIVERSARY
    gap_months: int | None = None
    look_back_months: int | None = None
    default_max_months: int | None = None
    limit_from_last_benefit_day: bool = False
    limit_counted_in: str = "calendar"
    blocks: tuple[Block, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    caps: tuple[Cap, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    obligation: ObligationRules = field(default_factory=ObligationRules)
    reference_moment: Note | None = None
    limit_exceptions: tuple[Note, ...] = ()
    eligibility: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    version_note: Text | None = None
    gaps: tuple[Text, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    retroactive_to: date | None = None
    selected_by: str | None = None
    rule_sources: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)
    successor: Successor | None = None

    def source_of(self, path: str) -> str | None:
        """The address where the value at `path` is published, or None if it is assumed.

        A table's source holds for all its values; a value that is itself under `assumed` has none.
        """
        while path and path not in self.assumed:
            if path in self.rule_sources:
                return self.sources[self.rule_sources[path]].url
            path = path.rpartition(".")[0]
        return None

    @property
    def has_amounts(self) -> bool:
        """Whether it states what any effort is worth; some schemes only state what is owed."""
        return bool(self.blocks)
