"""Side (c): the same rule in OpenFisca, with one variable per step, as its models have.

It runs in an environment of its own and knows nothing of Telmee: `openfisca` starts it with the
file that holds the columns. For each line on standard input it values them once, in a fresh
simulation, and answers with the seconds that took; at the end it writes the values.
"""
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201, ANN202
# OpenFisca calls these functions and has no types itself.

import sys
import time
from datetime import date

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

#: An input that holds always, and the month for which the rest is asked: OpenFisca wants one.
ALWAYS, MONTH = DateUnit.ETERNITY, "2025-01"
PARTS = ("keys", "euros")
Placement = build_entity("placement", "placements", "A line", is_person=True)


def given(name, value_type, **more):
    """Make a variable that is an input."""
    always = {"entity": Placement, "definition_period": ALWAYS}
    return type(name, (Variable,), {"value_type": value_type, **always, **more})


def worked_out(name, value_type, formula):
    """Make a variable that follows from others."""
    return type(
        name,
        (Variable,),
        {
            "value_type": value_type,
            "entity": Placement,
            "definition_period": DateUnit.MONTH,
            "formula": formula,
        },
    )


def variables(blocks, bonuses, by_hand):
    """The variables of a scheme, whose amounts are parameters.

    With `by_hand` the amount of a block is looked up past OpenFisca, in an array, as that is where
    it spends most of its time; a model that did so would have amounts without dates.
    """
    amounts = np.array(list(blocks.values()))
    enum = Enum("Block", {key: key for key in blocks})

    def first(line, period):
        return np.maximum(line("begin", period), line("contract_begin", period))

    def end(line, period):
        return np.minimum(line("end", period), line("contract_end", period)) + 1

    def years(line, period):
        begin, until = line("counted_from", period), line("counted_end", period)
        month = begin.astype("M8[M]")
        day = begin - month.astype("M8[D]")
        passed = until.astype("M8[Y]").astype(int) - begin.astype("M8[Y]").astype(int)

        def anniversary(whole):
            return (month + 12 * whole).astype("M8[D]") + day

        passed -= anniversary(passed) > until
        last = anniversary(passed)
        length = anniversary(passed + 1) - last
        return passed + (until - last) / length

    def share(line, period, parameters):
        full_time = parameters(period).full_time
        return np.minimum(line("weekly_hours", period), full_time) / full_time

    def base(line, period, parameters):
        block = line("block", period)
        amount = amounts[block] if by_hand else parameters(period).blocks[block]
        return amount * line("years", period) * line("hours_share", period)

    def bonus(key):
        def formula(line, period, parameters):
            euros = parameters(period).bonuses[key]
            part = line("years", period) * line("hours_share", period)
            return line(f"claims_{key}", period) * euros * part

        return formula

    def value(line, period):
        return line("base", period) + sum(line(f"bonus_{key}", period) for key in bonuses)

    if by_hand:
        yield given("block", int)
    else:
        yield given("block", Enum, possible_values=enum, default_value=next(iter(enum)))
    for name in ("begin", "end", "contract_begin", "contract_end"):
        yield given(name, date)
    yield given("weekly_hours", float)
    yield worked_out("counted_from", date, first)
    yield worked_out("counted_end", date, end)
    yield worked_out("years", float, years)
    yield worked_out("hours_share", float, share)
    yield worked_out("base", float, base)
    for key in bonuses:
        yield given(f"claims_{key}", bool)
        yield worked_out(f"bonus_{key}", float, bonus(key))
    yield worked_out("value", float, value)


def parameters(blocks, bonuses, full_time):
    """The amounts of a scheme in euros, as the tree that OpenFisca looks them up in."""

    def always(euros):
        return {"values": {"2000-01-01": {"value": euros}}}

    return ParameterNode(
        data={
            "blocks": {key: always(euros) for key, euros in blocks.items()},
            "bonuses": {key: always(euros) for key, euros in bonuses.items()},
            "full_time": always(full_time),
        }
    )


def main(source, target, by_hand):
    """Value the columns in `source` as often as asked, then write the euros to `target`."""
    with np.load(source) as file:
        columns = {name: file[name] for name in file.files}
    blocks, bonuses = (
        dict(zip(*(columns.pop(f"{name}_{part}").tolist() for part in PARTS), strict=True))
        for name in ("block", "bonus")
    )
    system = TaxBenefitSystem([Placement])
    system.parameters = parameters(blocks, bonuses, float(columns.pop("full_time")))
    for variable in variables(blocks, bonuses, by_hand == "by_hand"):
        system.add_variable(variable)
    rows = columns["begin"].size
    values = None
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        simulation = SimulationBuilder().build_default_simulation(system, count=rows)
        for name, column in columns.items():
            simulation.set_input(name, ALWAYS, column)
        values = simulation.calculate("value", MONTH)
        print(time.perf_counter() - start, flush=True)
    np.save(target, values)


if __name__ == "__main__":
    main(*sys.argv[1:])
