"""The form of one line of effort, and what a value looks like.

A form asks only what the chosen block needs; the engine's own rules say what that is
(`telmee.core.valuation.asks`). The public calculator and the contributions of a contract use the
same form, and their cells are those of a contribution file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise

from telmee.apps.contributions.valuing import split_of_value
from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.queries import problems_of, split_of, story_of
from telmee.apps.schemes.queries import rules_of
from telmee.core.bsn import find_bsn
from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step
from telmee.core.free_text import CODE
from telmee.core.schemes.model import Bonus, Certificate, Scheme
from telmee.core.tables.cells import keys_of
from telmee.core.tables.contribution_columns import CONTRIBUTION, REFERENCE
from telmee.core.valuation import Status, Valuation
from telmee.core.valuation.asks import Ask, asks_of
from telmee.core.valuation.decided import ValuedAfter
from telmee.core.valuation.explanation import explain
from telmee.texts import step_text
from telmee.texts.scheme_words import bonus_worth, limit, share, worth
from telmee.web.forms import (
    CountField,
    DateField,
    HoursField,
    MoneyField,
    SafeTextField,
    as_validation_error,
    choices_with_blank,
    offer,
    understood,
)
from telmee.web.language import active
from telmee.web.schemes.block_words import (
    CATEGORIES,
    CHOOSE_BLOCK,
    CHOOSE_CERTIFICATE,
    EITHER,
    NEEDED_WITH,
    STATUSES,
    UNKNOWN_CHOICE,
    help_of,
    label_of,
)

if TYPE_CHECKING:
    from telmee.apps.receipts.models import Receipt


class PersonField(SafeTextField):
    """A pseudonym; eight digits are refused as well, as a BSN that lost its zero."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=CODE.maximum, **options)

    def clean(self, value: Any) -> Any:
        """Refuse what could be a BSN before anything else is said."""
        if isinstance(value, str) and find_bsn(value, eight_digits=True):
            raise as_validation_error(Problem("bsn_typed"))
        return super().clean(value)


class LiveForm(forms.Form):
    """A form that is answered while somebody types: what is missing is no mistake yet."""

    @property
    def understood(self) -> list[tuple[str, str]]:
        """How what was typed is read, by label, where it was written in another way."""
        return understood(self)

    @property
    def missing(self) -> list[BoundField]:
        """List the fields that must still be filled in."""
        return [field for field in self if self.has_error(field.name, "required")]

    @property
    def wrong(self) -> list[BoundField]:
        """List the fields in which something was typed that cannot be read."""
        return [field for field in self if field.errors and field not in self.missing]


class LineForm(LiveForm):
    """One line of effort: the block, then exactly the fields that this block asks for.

    `extra_fields` come after those of the block; one that bears the name of a column is a cell as
    well. `leave_out` names columns that are not asked here. A `draft` may be unfinished: an empty
    field is no error then, only what was typed wrong.
    """

    bouwblok = forms.ChoiceField(error_messages={"invalid_choice": UNKNOWN_CHOICE})

    def __init__(
        self,
        scheme: Scheme,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        extra_fields: Mapping[str, forms.Field] | None = None,
        leave_out: tuple[str, ...] = (),
        draft: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(data, initial=_as_initial(initial or {}), **options)
        self.scheme = scheme
        self._draft = draft
        self.fields["bouwblok"].label = label_of("bouwblok")
        offer(self, "bouwblok", _block_choices(scheme))
        self.ask = _ask(scheme, self["bouwblok"].value())
        if self.ask is not None:
            self.fields |= dict(_fields(self.ask, leave_out))
        self.fields |= extra_fields or {}

    def clean(self) -> dict[str, Any]:
        """Forgive what a draft leaves empty; without a block there is nothing to keep."""
        cleaned = super().clean() or self.cleaned_data
        if self._draft:
            for field in self.missing:
                if field.name in CONTRIBUTION and field.name != "bouwblok":
                    del self.errors[field.name]
                    cleaned[field.name] = None
        return cleaned

    def cells(self) -> dict[str, object]:
        """Give what was filled in as cells by their Dutch column names; empty ones are left out."""
        typed = {name: self.cleaned_data.get(name) for name in self.fields if name in CONTRIBUTION}
        if bonuses := typed.get("toeslagen"):
            typed["toeslagen"] = ",".join(bonuses)
        return {name: value for name, value in typed.items() if value not in (None, "", [])}

    @property
    def has_value(self) -> bool:
        """Whether nothing is wrong in a field that the value follows from."""
        wrong = {name for name in self.errors if name in CONTRIBUTION}
        return self.is_bound and self.ask is not None and not wrong - {REFERENCE}

    @property
    def line_fields(self) -> list[BoundField]:
        """List the fields below the block."""
        return [field for field in self if field.name != "bouwblok" and not field.is_hidden]

    @property
    def about(self) -> BlockAbout | None:
        """Tell about the chosen block, once there is one."""
        return None if self.ask is None else BlockAbout.of(self.scheme, self.ask)


@dataclass(frozen=True, slots=True)
class BlockAbout:
    """What somebody wants to know of a block before filling in: worth, limit, rules and proof."""

    worth: str
    limit: str
    target_group: str
    conditions: list[str]
    evidence: list[str]
    seen_not_kept: bool

    @classmethod
    def of(cls, scheme: Scheme, ask: Ask) -> BlockAbout:
        """Tell about a block in the active language."""
        language, block = active(), ask.block
        told = block.target_group.in_language(language) if block.target_group else ""
        return cls(
            worth=worth(block, scheme, language),
            limit=limit(block, language),
            target_group=told,
            conditions=[text.in_language(language) for text in ask.conditions],
            evidence=[text.in_language(language) for text in ask.evidence],
            seen_not_kept=not ask.upload,
        )


def typed_so_far(typed: QueryDict) -> dict[str, Any]:
    """Take what was typed, to show it in the fields of another block."""
    return {**typed.dict(), "toeslagen": typed.getlist("toeslagen")}


# The fields ----------------------------------------------------------------------------------


def _as_initial(initial: Mapping[str, Any]) -> dict[str, Any]:
    """Take stored cells as what stands in the fields at first."""
    bonuses = initial.get("toeslagen")
    listed = {"toeslagen": keys_of(bonuses)} if isinstance(bonuses, str) else {}
    return {**initial, **listed}


def _ask(scheme: Scheme, block_key: Any) -> Ask | None:
    try:
        return asks_of(scheme, str(block_key)) if block_key else None
    except DomainError:
        return None  # the field itself says that there is no such block


def _block_choices(scheme: Scheme) -> list[tuple[str | Promise, Any]]:
    """Group the blocks by what kind of effort they are."""
    language = active()
    groups: list[tuple[str | Promise, Any]] = [("", CHOOSE_BLOCK)]
    for category, name in CATEGORIES.items():
        blocks = [block for block in scheme.blocks if block.category == category]
        if blocks:
            choices = [(block.key, block.label.in_language(language)) for block in blocks]
            groups.append((name, choices))
    return groups


def _fields(ask: Ask, leave_out: tuple[str, ...]) -> Iterator[tuple[str, forms.Field]]:
    asked = {*ask.required, *ask.either, *ask.optional} - {*leave_out}
    for name, make in _MAKERS.items():
        if name in asked:
            field = make(ask, required=name in ask.required)
            field.label = label_of(name, ask.block)
            field.help_text = " ".join(filter(None, (help_of(name), _when(ask, name))))
            yield name, field


def _when(ask: Ask, name: str) -> str:
    """Say when a field that is not always needed is needed after all."""
    if name in ask.either:
        return str(EITHER)
    language = active()
    bonuses = [
        bonus.label.in_language(language)
        for bonus in ask.bonuses
        if name in ask.with_bonus.get(bonus.key, ())
    ]
    return str(NEEDED_WITH % {"bonuses": ", ".join(bonuses)}) if bonuses else ""


def _date(ask: Ask, *, required: bool) -> forms.Field:  # noqa: ARG001 - the shape of a maker
    return DateField(required=required)


def _number(kind: type[Any], column: str) -> Callable[..., forms.Field]:
    """Make a number as a file takes it: no hours is no effort, but no euros is an answer."""
    of = CONTRIBUTION[column]
    return lambda ask, *, required: kind(required=required, column=of, zero=of.zero)  # noqa: ARG005 - as above


def _person(ask: Ask, *, required: bool) -> forms.Field:  # noqa: ARG001 - the shape of a maker
    return PersonField(required=required)


def _bonuses(ask: Ask, *, required: bool) -> forms.Field:
    return forms.MultipleChoiceField(
        required=required,
        choices=[(bonus.key, _bonus_label(bonus)) for bonus in ask.bonuses],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )


def _bonus_label(bonus: Bonus) -> str:
    return f"{bonus.label.in_language(active())} ({bonus_worth(bonus, active())})"


def _certificate(ask: Ask, *, required: bool) -> forms.Field:
    choices = [(found.key, _certificate_label(found)) for found in ask.certificates]
    return forms.ChoiceField(
        required=required,
        choices=choices_with_blank(choices, str(CHOOSE_CERTIFICATE)),
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )


def _certificate_label(certificate: Certificate) -> str:
    label = certificate.label.in_language(active())
    return f"{label} ({share(certificate.percentage_bp, active())})"


#: How the field of each column is made, in the order in which people are asked.
_MAKERS: Mapping[str, Callable[..., forms.Field]] = {
    "begin": _date,
    "eind": _date,
    "uren_per_week": _number(HoursField, "uren_per_week"),
    "uren": _number(HoursField, "uren"),
    "bedrag": _number(MoneyField, "bedrag"),
    "aantal": _number(CountField, "aantal"),
    "voltijd_uren_per_jaar": _number(HoursField, "voltijd_uren_per_jaar"),
    "toeslagen": _bonuses,
    "persoon": _person,
    "certificaat": _certificate,
    "certificaat_tot": _date,
}


# The value -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A value as `schemes/_value.html` shows it: the figure, its story, and what is left open.

    `cents` is the engine's figure; `named_cents` is what a person named in its place, with why.
    `kept_at` is when it was kept, and empty for a figure of today. What is for days up to and
    including today and what is still to come is told of a line, where something is to come.
    """

    scheme: Scheme
    status: str
    cents: int | None
    word: str | Promise
    kind: str
    steps: tuple[Step, ...]
    checks: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    named_cents: int | None = None
    named_why: str = ""
    kept_at: datetime | None = None
    done_cents: int | None = None
    to_come_cents: int | None = None


def told(found: Valuation | ValuedAfter, line: int = 0) -> Told:
    """Tell a value of today in the active language, with what somebody checks beside the story."""
    if not isinstance(found, ValuedAfter):
        steps, problems = explain(found, line), tuple(found.problems(line))
        return _told(found.scheme, found.status(line), found.value_cents(line), steps, problems)
    scheme, problems = found.valuation.scheme, tuple(found.problems())
    shown = _told(scheme, found.status, found.value_cents, found.explain(), problems)
    done, to_come = split_of_value(found, timezone.localdate())
    return replace(shown, done_cents=done, to_come_cents=to_come) if to_come else shown


def told_receipt(receipt: Receipt | None) -> Told | None:
    """Tell a figure as it was kept: nothing is calculated again. Of a plan line, that of one."""
    if receipt is None:
        return None
    scheme = rules_of(receipt.scheme)
    cents = receipt.cents
    if cents is not None:
        cents //= receipt.used.get("number", 1)
    done, to_come = split_of(receipt, timezone.localdate())
    return replace(
        _told(scheme, receipt.status, cents, story_of(receipt), problems_of(receipt)),
        named_cents=receipt.named_cents,
        named_why=receipt.named_why,
        kept_at=receipt.kept_at,
        done_cents=done,
        to_come_cents=to_come if receipt.kind == Kind.CONTRIBUTION else 0,
    )


def _told(
    scheme: Scheme,
    status: str,
    cents: int | None,
    steps: tuple[Step, ...],
    problems: tuple[Problem, ...] = (),
) -> Told:
    word, kind = STATUSES[Status(status)] if status in {*Status} else ("", "")
    checks = (step_text(step, active()) for step in steps if step.step == "to_check")
    return Told(
        scheme=scheme,
        status=status,
        cents=cents,
        word=word,
        kind=kind,
        steps=tuple(step for step in steps if step.step != "to_check"),
        checks=tuple(dict.fromkeys(checks)),
        problems=problems,
    )
