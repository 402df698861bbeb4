"""What a file says in the words of a scheme: its labels, and a part of its full time.

A file is read before anybody knows by which scheme it counts. A label of a block, bonus or
certificate is its key, in any case; "0,8 fte" is that part of the scheme's hours basis, which is an
assumption and is said; and a last day that stands in a column that was not read is asked for
wherever the block needs one, so that no other day takes its place.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from telmee.core.contributions.effort_file import Reading
from telmee.core.errors import Param, Problem
from telmee.core.explain import Text
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.cells import PART_OF_FULL_TIME, key_of, keys_of
from telmee.core.tables.columns import Coded
from telmee.core.tables.contribution_columns import WEEKLY_HOURS, WEEKLY_HOURS_MAX, Contributions
from telmee.core.tables.grid import listed

_Problems = dict[int, tuple[Problem, ...]]


def under_scheme(reading: Reading, scheme: Scheme) -> Reading:
    """What was read, with all that this scheme can tell of it."""
    lines = _with_keys(reading.contributions, scheme)
    lines, notices = _with_full_time(lines, scheme.weekly_hours)
    problems = _with_unread_ends(lines, reading.unread_ends, scheme)
    return Reading(replace(lines, problems=problems), (*reading.notices, *notices))


# Labels --------------------------------------------------------------------------------------


def _with_keys(lines: Contributions, scheme: Scheme) -> Contributions:
    """The lines with keys where the file has labels."""
    bonuses = _keys_by_label(scheme.bonuses)
    return replace(
        lines,
        block=_by_keys(lines.block, _keys_by_label(scheme.blocks)),
        certificate=_by_keys(lines.certificate, _keys_by_label(scheme.certificates)),
        bonuses=lines.bonuses.renamed(
            [_keys_of_labels(name, bonuses) for name in lines.bonuses.names]
        ),
    )


def _by_keys(column: Coded, keys: Mapping[str, str]) -> Coded:
    return column.renamed([keys.get(name, name) for name in column.names])


def _keys_by_label(rules: Iterable[Block | Bonus | Certificate]) -> dict[str, str]:
    """Keys by what people may type for them; a label that two have is nobody's."""
    rules = tuple(rules)
    owners: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        for label in _labels(rule.label):
            owners[label].add(rule.key)
    of_label = {label: min(keys) for label, keys in owners.items() if len(keys) == 1}
    return of_label | {key_of(rule.key): rule.key for rule in rules}


def _labels(label: Text) -> set[str]:
    """A label as a cell with one key, or with several, has it."""
    texts = {label.in_language(language) for language in ("nl", "en")}
    return {key_of(text) for text in texts} | {",".join(keys_of(text)) for text in texts}


def _keys_of_labels(cell: str, keys: Mapping[str, str]) -> str:
    """The keys of a cell with several keys or labels; a label may have commas in it itself."""
    parts = cell.split(",")
    keys_of_cell: list[str] = []
    while parts:
        size = next((n for n in range(len(parts), 0, -1) if ",".join(parts[:n]) in keys), 0)
        keys_of_cell.append(keys[",".join(parts[:size])] if size else parts[0])
        parts = parts[size or 1 :]
    return ",".join(keys_of_cell)


# Full time -----------------------------------------------------------------------------------


def _with_full_time(
    lines: Contributions, basis: int | None
) -> tuple[Contributions, tuple[Problem, ...]]:
    """The lines with hours for each part of full time, and a notice for each part that was read."""
    problems, hours = dict(lines.problems), lines.weekly_hours.copy()
    rows: dict[tuple[Fraction, int], list[str]] = defaultdict(list)
    for line, of_line in lines.problems.items():
        for problem in of_line:
            part = problem.params.get("fte")
            if problem.code != PART_OF_FULL_TIME or basis is None or not isinstance(part, Fraction):
                continue
            hours_read = int(part * basis + Fraction(1, 2))
            rest = tuple(one for one in of_line if one is not problem)
            if 0 < hours_read <= WEEKLY_HOURS_MAX:
                hours[line] = hours_read
                rows[part, hours_read].append(str(problem.row))
            else:
                rest = (*rest, _too_many(problem))
            problems[line] = rest
    kept = {line: of_line for line, of_line in problems.items() if of_line}
    notices = tuple(
        _notice(part, weekly, basis or 0, of_part) for (part, weekly), of_part in rows.items()
    )
    return replace(lines, weekly_hours=hours, problems=kept), notices


def _too_many(problem: Problem) -> Problem:
    params = {"typed": problem.params["typed"], "maximum": WEEKLY_HOURS_MAX // 100}
    return replace(problem, code="number_too_large", params=params)


def _notice(part: Fraction, weekly: int, basis: int, rows: list[str]) -> Problem:
    params: dict[str, Param] = {
        "fte": part,
        "hours": Fraction(weekly, 100),
        "basis": Fraction(basis, 100),
        "rows": listed(rows),
    }
    return Problem("full_time_assumed", WEEKLY_HOURS, params=params)


# A last day elsewhere ------------------------------------------------------------------------


def _with_unread_ends(
    lines: Contributions, unread: Mapping[int, Problem], scheme: Scheme
) -> _Problems:
    """The problems of the lines, with a last day that is asked for where the block needs one."""
    needing = {block.key for block in scheme.blocks if block.unit.counts_time}
    problems: _Problems = dict(lines.problems)
    for line, problem in unread.items():
        if lines.block[line] in needing:
            problems[line] = (*problems.get(line, ()), problem)
    return problems
