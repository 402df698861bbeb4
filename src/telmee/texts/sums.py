"""A value as a sum on one line: `€ 40.000 × 92/365 jaar × 24,5/36 uur = € 6.861,49`.

It is read from the steps of the explanation, so that a figure that was kept tells it too. What is
multiplied is exact: whoever multiplies it and rounds half up to a cent comes to the same amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from telmee.core.explain import Step, Value
from telmee.texts.catalogue import phrase
from telmee.texts.formats import Figure, Language, euros, number, percentage, short_euros

_TAKEN_OFF = frozenset(
    (
        "cap_day_cents",
        "cap_person_cents",
        "cap_contract_cents",
        "decided_before",
        "discount_cents",
        "cap_reduction_cents",
    )
)
#: The steps that say which percentage holds: one of them stands in every obligation by the rules,
#: and what a bidder offered above that takes its place.
_RATES = ("offered_above", "percentage", "offered_percentage", "chosen_percentage")
_OBLIGATION_BASES = (
    "base_contract_sum",
    "base_wage_sum",
    "base_turnover",
    "base_turnover_agreed",
)


@dataclass(frozen=True, slots=True)
class SumLine:
    """A line of the sum: the base, a bonus or what comes off, as factors and what they come to.

    The first line has no sign and the last is `=`, where there is more than one.
    """

    result: str
    factors: tuple[str, ...] = ()
    sign: str = ""
    words: str = ""

    def __str__(self) -> str:
        """The whole line as text."""
        about = f"{self.words}: " if self.words else ""
        product = f"{' × '.join(self.factors)} = " if self.factors else ""
        return f"{self.sign} {about}{product}{self.result}".strip()


def sum_of(steps: Iterable[Step], language: Language) -> tuple[SumLine, ...]:
    """The sum of a value or of an obligation: the base, what is added and what comes off.

    The last line is what it comes to. Without a value, and of an amount that was agreed, there is
    no sum.
    """
    story = [step for step in steps if step.step != "to_check"]
    by_name = {step.step: step for step in story}
    reader = _Reader(by_name, language)
    if "base_cents" in by_name:
        base, end = reader.base(), "value_cents"
    elif by_name.keys() >= {"obligation_cents", "owed_cents"}:
        base, end = reader.obligation(), "owed_cents"
    else:
        return ()
    lines = [base, *filter(None, map(reader.added, story))]
    if len(lines) > 1:
        lines.append(SumLine(reader.cents(by_name[end]), sign="="))
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the sum of a value from its steps, which are known by name."""

    steps: Mapping[str, Step]
    language: Language

    def cents(self, step: Step) -> str:
        """An amount that came out of a step, to the cent."""
        return euros(_whole(step.value), self.language)

    def base(self) -> SumLine:
        """What the block itself is worth."""
        step, result = self.steps["base_cents"], self.cents(self.steps["base_cents"])
        how = step.params["how"]
        if how == "actual_cost":
            return SumLine(result, (*self._of_cost(step), *self._days()))
        amount = self._amount(step)
        if how != "day_maximum":
            return SumLine(result, (amount, *self._factors(how)))
        days = Figure.of(self._value("count"), is_one=self.steps["count"].value == 1)
        most = phrase("sum.day_maximum", self.language, amount=amount, days=days)
        return SumLine(result, words=most)

    def obligation(self) -> SumLine:
        """What a contract owes before any discount: a percentage of its sum or its wages."""
        of, rate = (
            next(self.steps[name] for name in names if name in self.steps)
            for names in (_OBLIGATION_BASES, _RATES)
        )
        factors = (
            short_euros(_whole(of.value), self.language),
            percentage(_exact(rate.value), self.language),
        )
        return SumLine(self.cents(self.steps["obligation_cents"]), factors)

    def added(self, step: Step) -> SumLine | None:
        """A bonus that counts, or what a maximum takes off; None for any other step."""
        if step.step in _TAKEN_OFF:
            words = phrase(f"sum.{step.step}", self.language, **self._params(step))
            return SumLine(self.cents(step), sign="\N{MINUS SIGN}", words=words)
        if step.step != "bonus_cents" or not step.value:
            return None
        words, how = step.text.in_language(self.language) if step.text else "", step.params["how"]
        if how in ("once", "yearly_amount"):
            words = phrase("sum.once", self.language, text=words)
            return SumLine(self.cents(step), sign="+", words=words)
        by_cost = how == "actual_cost"
        factors = self._of_cost(step) if by_cost else (self._amount(step), *self._factors(how))
        return SumLine(self.cents(step), factors, "+", words)

    def _factors(self, how: Value) -> Iterator[str]:
        """What an amount is multiplied by, by the way in which it counts."""
        if how == "as_base":
            how = self.steps["base_cents"].params["how"]
        if how in ("full_time_year", "person_year", "worked_hours"):
            yield self._years()
        if how == "full_time_year" and "hours_share" in self.steps:
            yield self._share()
        if how == "month":
            yield self._counted("months", *_days_and_whole(self.steps["months"].params))
        if how == "hour":
            counting = "hours_counted" if "hours_counted" in self.steps else "hours"
            yield self._counted("hours", self._value(counting), Fraction(2))
            if "count" in self.steps:
                count = Fraction(_whole(self.steps["count"].value))
                yield self._counted("employees", self._value("count"), count)
        if how == "piece":
            yield self._value("count")
        if how in ("part_day", "internship_period"):
            step = self.steps.get("count")
            count = Fraction(1 if step is None else _whole(step.value))
            yield self._counted(f"{how}s", number(count, self.language), count)

    def _years(self) -> str:
        """The years that count, in the days, months or hours that they were counted in."""
        step = self.steps["years"]
        params, how = step.params, str(step.params["how"])
        years = Fraction(step.value) if isinstance(step.value, Fraction | int) else Fraction(0)
        if how == "worked_hours":
            return self._part("hours", params)
        if "days" in params:
            return self._counted("years", f"{params['days']}/{params['length']}", years)
        counted, _ = _days_and_whole(params)
        if how.startswith("months"):
            counted = f"{counted}/12" if how == "months_whole" else f"({counted.strip('()')})/12"
        return self._counted("years", counted, years)

    def _share(self) -> str:
        """The hours of a full-time week that count, of all its hours."""
        params = self.steps["hours_share"].params
        if params["how"] == "full":
            params = {**params, "hours": params["full_time"]}
        return self._part("hours", params)

    def _part(self, noun: str, params: Mapping[str, Value]) -> str:
        hours, full_time = (
            number(_exact(params[name]), self.language) for name in ("hours", "full_time")
        )
        return self._counted(noun, f"{hours}/{full_time}", Fraction(2))

    def _counted(self, noun: str, text: str, count: Fraction) -> str:
        """A factor with what it counts: up to one is "jaar" and "year", above it "years"."""
        figure = Figure.of(text, is_one=count <= 1)
        return phrase(f"sum.{noun}", self.language, figure=figure)

    def _amount(self, step: Step) -> str:
        return short_euros(_whole(step.params["amount"]), self.language)

    def _of_cost(self, step: Step) -> tuple[str, str]:
        paid = short_euros(_whole(self.steps["amount"].value), self.language)
        return paid, self._percentage(step)

    def _days(self) -> Iterator[str]:
        """The days of a cost that count, where a limit leaves some out."""
        if "limited_days" in self.steps:
            params = self.steps["limited_days"].params
            yield self._counted("days", f"{params['counted']}/{params['within']}", Fraction(2))

    def _percentage(self, step: Step) -> str:
        return percentage(_exact(step.params["percentage"]), self.language)

    def _value(self, name: str) -> str:
        return number(_exact(self.steps[name].value), self.language)

    def _params(self, step: Step) -> dict[str, str]:
        """What a maximum is: an amount, or a part of the obligation."""
        if "percentage" in step.params:
            return {"percentage": self._percentage(step)}
        return {"amount": self._amount(step)} if "amount" in step.params else {}


def _days_and_whole(params: Mapping[str, Value]) -> tuple[str, Fraction]:
    """Whole years or months and the days left over, as they are added: `(1 + 92/365)`."""
    whole, over, length = (_whole(params[name]) for name in ("whole", "over", "length"))
    count = whole + Fraction(over, length)
    if not over:
        return str(whole), count
    return (f"({whole} + {over}/{length})" if whole else f"{over}/{length}"), count


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _exact(value: Value) -> Fraction:
    if not isinstance(value, int | Fraction):
        raise TypeError(f"{value!r} is no number")
    return Fraction(value)
