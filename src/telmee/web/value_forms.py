"""The form of one line of effort, and what a value looks like.

A form asks only what the chosen block needs; the engine's own rules say what that is
(`telmee.core.valuation.asks`). The public calculator and the contributions of a contract use the
same form, and their cells are those of a contribution file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from telmee.apps.contributions.valuing import split_of_value
from telmee.apps.receipts.choices import Kind as ReceiptKind
from telmee.apps.receipts.queries import problems_of, split_of, story_of
from telmee.apps.schemes.queries import rules_of
from telmee.core.bsn import find_bsn
from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step
from telmee.core.free_text import CODE
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.cells import keys_of
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.contribution_columns import (
    ASKED,
    BLOCK,
    BONUSES,
    CERTIFICATE,
    CONTRIBUTION,
    REFERENCE,
    SUPPLIER,
)
from telmee.core.valuation import Status, Valuation
from telmee.core.valuation.asks import Ask, asks_of
from telmee.core.valuation.checks import is_general
from telmee.core.valuation.decided import ValuedAfter
from telmee.core.valuation.explanation import explain
from telmee.texts import SumLine, step_text, sum_of
from telmee.texts.scheme_words import bonus_worth, limit, share, worth
from telmee.web.enterprise_fields import EnterpriseField
from telmee.web.forms import (
    CountField,
    DateField,
    HoursField,
    MoneyField,
    NumberField,
    ReferenceField,
    SafeTextField,
    as_validation_error,
    choices_with_blank,
    understood,
)
from telmee.web.language import Words, active
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

    def clean(self, value: object) -> object:
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
        """The fields that must still be filled in."""
        return [field for field in self if self.has_error(field.name, "required")]

    @property
    def wrong(self) -> list[BoundField]:
        """The fields in which something was typed that cannot be read."""
        return [field for field in self if field.errors and field not in self.missing]


class LineForm(LiveForm):
    """One line of effort: the block, then exactly the fields that this block asks for.

    `first_fields` come before the block, `extra_fields` after its own; one that bears the name of a
    column is a cell as well. `leave_out` names columns that are not asked here. A `draft` may be
    unfinished: an empty field is no error then, only what was typed wrong.
    """

    def __init__(
        self,
        scheme: Scheme,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        first_fields: Mapping[str, forms.Field] | None = None,
        extra_fields: Mapping[str, forms.Field] | None = None,
        leave_out: tuple[str, ...] = (),
        draft: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(data, initial=_as_initial(initial or {}), **options)
        self.scheme = scheme
        self._draft = draft
        self._first = first_fields or {}
        self.fields |= self._first
        self.fields[BLOCK] = field_of(CONTRIBUTION[BLOCK], choices=_block_choices(scheme))
        self.ask = _ask(scheme, self[BLOCK].value())
        if self.ask is not None:
            self.fields |= dict(_fields(self.ask, leave_out))
        if CERTIFICATE in self.fields and SUPPLIER in self.fields and self[SUPPLIER].value():
            # What the register says of the supplier is not typed; the rules ask for the rest.
            self.fields[CERTIFICATE].required = False
        self.fields |= extra_fields or {}

    def clean(self) -> dict[str, object]:
        """Forgive what a draft leaves empty; without a block there is nothing to keep."""
        cleaned = super().clean() or self.cleaned_data
        if self._draft:
            for field in self.missing:
                if field.name in CONTRIBUTION and field.name != BLOCK:
                    del self.errors[field.name]
                    cleaned[field.name] = None
        return cleaned

    def cells(self) -> dict[str, object]:
        """What was filled in as cells by their Dutch column names; empty ones are left out."""
        typed = {name: self.cleaned_data.get(name) for name in self.fields if name in CONTRIBUTION}
        if bonuses := typed.get(BONUSES):
            typed[BONUSES] = ",".join(bonuses)
        return {name: value for name, value in typed.items() if value not in (None, "", [])}

    @property
    def has_value(self) -> bool:
        """Whether nothing is wrong in a field that the value follows from."""
        wrong = {name for name in self.errors if name in CONTRIBUTION}
        return self.is_bound and self.ask is not None and not wrong - {REFERENCE}

    @property
    def first_fields(self) -> list[BoundField]:
        """The fields above the block."""
        return [self[name] for name in self._first]

    @property
    def line_fields(self) -> list[BoundField]:
        """The fields below the block."""
        above = {BLOCK, *self._first}
        return [field for field in self if field.name not in above and not field.is_hidden]

    @property
    def about(self) -> BlockAbout | None:
        """What somebody wants to know of the chosen block, once there is one."""
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
        """What there is to know of a block, in the active language."""
        language, block = active(), ask.block
        target_group = block.target_group.in_language(language) if block.target_group else ""
        return cls(
            worth=worth(block, scheme, language),
            limit=limit(block, language),
            target_group=target_group,
            conditions=[text.in_language(language) for text in ask.conditions],
            evidence=[text.in_language(language) for text in ask.evidence],
            seen_not_kept=not ask.upload,
        )


def typed_so_far(typed: QueryDict) -> dict[str, object]:
    """What was typed, to show it in the fields of another block."""
    return {**typed.dict(), BONUSES: typed.getlist(BONUSES)}


# The fields ----------------------------------------------------------------------------------


def _as_initial(initial: Mapping[str, object]) -> dict[str, object]:
    """Stored cells as what stands in the fields at first."""
    bonuses = initial.get(BONUSES)
    listed = {BONUSES: keys_of(bonuses)} if isinstance(bonuses, str) else {}
    return {**initial, **listed}


def _ask(scheme: Scheme, block_key: object) -> Ask | None:
    try:
        return asks_of(scheme, str(block_key)) if block_key else None
    except DomainError:
        return None  # the field itself says that there is no such block


def _block_choices(scheme: Scheme) -> list[tuple[Words, object]]:
    """Group the blocks by what kind of effort they are."""
    language = active()
    groups: list[tuple[Words, object]] = [("", CHOOSE_BLOCK)]
    for category, name in CATEGORIES.items():
        blocks = [block for block in scheme.blocks if block.category == category]
        if blocks:
            choices = [(block.key, block.label.in_language(language)) for block in blocks]
            groups.append((name, choices))
    return groups


def field_of(
    column: Column,
    block: Block | None = None,
    *,
    required: bool = True,
    choices: Sequence[tuple[object, object]] = (),
) -> forms.Field:
    """The field in which people fill in a column, with its words as exact as for the block."""
    field: forms.Field
    kind = column.kind
    if kind.is_number:
        field = _NUMBERS[kind](required=required, column=column, zero=column.zero)
    elif kind is Kind.DATE:
        field = DateField(required=required)
    elif kind is Kind.CODE:
        field = PersonField(required=required)
    elif kind is Kind.ENTERPRISE:
        field = EnterpriseField(required=required)
    elif kind is Kind.REFERENCE:
        maximum = column.limit.maximum if column.limit else None
        field = ReferenceField(required=required, max_length=maximum)
    else:
        field = _choice(kind, choices, required=required)
    field.label = label_of(column.name, block)
    field.help_text = help_of(column.name)
    return field


#: The field of each kind of number.
_NUMBERS: Mapping[Kind, type[NumberField]] = {
    Kind.HOURS: HoursField,
    Kind.CENTS: MoneyField,
    Kind.COUNT: CountField,
}


def _choice(
    kind: Kind, choices: Sequence[tuple[object, object]], *, required: bool
) -> forms.ChoiceField:
    """A field to choose one key in, or several."""
    options: dict[str, Any] = {
        "required": required,
        "choices": choices,
        "error_messages": {"invalid_choice": UNKNOWN_CHOICE},
    }
    if kind is Kind.KEYS:
        return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **options)
    return forms.ChoiceField(**options)


def _fields(ask: Ask, leave_out: tuple[str, ...]) -> Iterator[tuple[str, forms.Field]]:
    """The fields that a block asks for, in the order in which people are asked."""
    wanted = {*ask.required, *ask.either, *ask.optional} - {*leave_out}
    for name in ASKED:
        if name in wanted:
            column, required = CONTRIBUTION[name], name in ask.required
            field = field_of(column, ask.block, required=required, choices=_choices(ask, column))
            field.help_text = " ".join(filter(None, (str(field.help_text), _when(ask, name))))
            yield name, field


def _choices(ask: Ask, column: Column) -> list[tuple[str, str]]:
    """What a block lets people choose from in a column of keys, each with what it is worth."""
    if column.choices == "bonuses":
        return [(bonus.key, _bonus_label(bonus)) for bonus in ask.bonuses]
    certificates = [(one.key, _certificate_label(one)) for one in ask.certificates]
    return choices_with_blank(certificates, str(CHOOSE_CERTIFICATE))


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


def _bonus_label(bonus: Bonus) -> str:
    return f"{bonus.label.in_language(active())} ({bonus_worth(bonus, active())})"


def _certificate_label(certificate: Certificate) -> str:
    label = certificate.label.in_language(active())
    return f"{label} ({share(certificate.percentage_bp, active())})"


# The value -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value as `schemes/_value.html` shows it: the figure, its sum and story, and what is open.

    `checks` are what this line leaves open, `general` what holds for every line of its block.
    `cents` is the engine's figure; `named_cents` is what a person named in its place, with why.
    `kept_at` is when it was kept, and empty for a figure of today. What is for days up to and
    including today and what is still to come are there for a line where something is to come.
    `doubles` says with what a line may be double as it is typed now.
    """

    scheme: Scheme
    status: str
    cents: int | None
    word: Words
    kind: str
    steps: tuple[Step, ...]
    checks: tuple[str, ...]
    general: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    named_cents: int | None = None
    named_why: str = ""
    kept_at: datetime | None = None
    done_cents: int | None = None
    to_come_cents: int | None = None
    doubles: tuple[str, ...] = ()

    @property
    def sum(self) -> tuple[SumLine, ...]:
        """The value as a sum, in the active language."""
        return sum_of(self.steps, active())


def shown_value(valued: Valuation | ValuedAfter, line: int = 0) -> ShownValue:
    """A value of today in the active language, with what somebody checks beside its story."""
    if not isinstance(valued, ValuedAfter):
        steps, problems = explain(valued, line), tuple(valued.problems(line))
        cents = valued.value_cents(line)
        return _shown_value(valued.scheme, valued.status(line), cents, steps, problems)
    scheme, problems = valued.valuation.scheme, tuple(valued.problems())
    shown = _shown_value(scheme, valued.status, valued.value_cents, valued.explain(), problems)
    done, to_come = split_of_value(valued, timezone.localdate())
    return replace(shown, done_cents=done, to_come_cents=to_come) if to_come else shown


def kept_value(receipt: Receipt | None) -> ShownValue | None:
    """A figure as it was kept: nothing is calculated again. Of a plan line, that of one."""
    if receipt is None:
        return None
    scheme = rules_of(receipt.scheme)
    cents = receipt.cents
    if cents is not None:
        cents //= receipt.used.get("number", 1)
    done, to_come = split_of(receipt, timezone.localdate())
    return replace(
        _shown_value(scheme, receipt.status, cents, story_of(receipt), problems_of(receipt)),
        named_cents=receipt.named_cents,
        named_why=receipt.named_why,
        kept_at=receipt.kept_at,
        done_cents=done,
        to_come_cents=to_come if receipt.kind == ReceiptKind.CONTRIBUTION else 0,
    )


def _texts(checks: Iterable[Step]) -> tuple[str, ...]:
    """What is to check in the active language, each once."""
    return tuple(dict.fromkeys(step_text(step, active()) for step in checks))


def _shown_value(
    scheme: Scheme,
    status: str,
    cents: int | None,
    steps: tuple[Step, ...],
    problems: tuple[Problem, ...] = (),
) -> ShownValue:
    word, kind = STATUSES[Status(status)] if status in {*Status} else ("", "")
    checks = [step for step in steps if step.step == "to_check"]
    return ShownValue(
        scheme=scheme,
        status=status,
        cents=cents,
        word=word,
        kind=kind,
        steps=tuple(step for step in steps if step.step != "to_check"),
        checks=_texts(step for step in checks if not is_general(step)),
        general=_texts(step for step in checks if is_general(step)),
        problems=problems,
    )
