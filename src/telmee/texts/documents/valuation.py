"""A valuation as JSON, with the fields of docs/algorithms/valuation.md section 10."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.overlap import Doubles, check_of, doubles_of
from telmee.core.valuation import ENGINE_VERSION, Valuation
from telmee.core.valuation.explanation import explain
from telmee.texts.documents import (
    check_document,
    notice_document,
    problem_document,
    step_document,
)
from telmee.texts.formats import Language

_JSON = json.JSONEncoder(ensure_ascii=False).encode
#: So many steps are kept while writing, some 50 MB; then it starts anew.
_WRITTEN_MAX = 50_000


def json_lines(
    valuation: Valuation,
    language: Language,
    lines: Iterable[int] | None = None,
    notices: Sequence[Problem] = (),
) -> Iterator[str]:
    """A valuation as one JSON document, a line of text per contribution.

    `lines` keeps only those, in that order; the total stays that of the whole file. `notices` are
    what was left aside of that file, or read otherwise than it looks.
    """
    head = {
        "scheme": {
            "id": valuation.scheme.id,
            "version": valuation.scheme.version,
            "sha256": valuation.scheme.sha256,
        },
        "engine": ENGINE_VERSION,
        "total_cents": valuation.total_cents(),
    }
    yield _JSON(head)[:-1] + ', "lines": ['
    writer = _LineWriter(valuation, language)
    comma = ""
    for line in range(len(valuation)) if lines is None else lines:
        yield f"{comma}{writer.line(line)}"
        comma = ","
    documents = [notice_document(notice, language) for notice in notices]
    yield f'], "notices": {_JSON(documents)}}}'


class _LineWriter:
    """Writes the lines of one valuation as JSON, byte for byte what `line_document` holds.

    Most steps of a large file were told before (its dates, hours and checks recur), so their JSON
    is kept. A kept step is kept alive, which is what makes the ids in its key safe.
    """

    def __init__(self, valuation: Valuation, language: Language) -> None:
        self._valuation = valuation
        self._doubles = doubles_of(valuation)
        self._language = language
        self._written: dict[tuple[object, ...], tuple[Step, str]] = {}

    def line(self, line: int) -> str:
        """One line of the answer as a JSON text."""
        head = _JSON(_line_head(self._valuation, line))
        story = explain(self._valuation, line)
        steps = ", ".join(self._step(step) for step in story if step.step != "to_check")
        checks = [self._step(step) for step in story if step.step == "to_check"]
        checks += map(
            _JSON, _double_documents(self._doubles, self._valuation, line, self._language)
        )
        problems = [problem_document(p, self._language) for p in self._valuation.problems(line)]
        problems_json = _JSON(problems) if problems else "[]"
        return (
            f'{head[:-1]}, "explanation": [{steps}], "problems": {problems_json}, '
            f'"to_check": [{", ".join(checks)}]}}'
        )

    def _step(self, step: Step) -> str:
        key = _step_key(step)
        written = self._written.get(key)
        if written is None:
            if len(self._written) >= _WRITTEN_MAX:
                self._written.clear()
            written = self._written[key] = step, _JSON(_document(step, self._language))
        return written[1]


def _step_key(step: Step) -> tuple[object, ...]:
    """What a step's JSON depends on; 2 and 2/1 are equal but not written alike."""
    value, params = step.value, step.params
    return (
        step.step,
        value.as_integer_ratio() if isinstance(value, Fraction) else value,
        step.unit,
        step.rule,
        step.source,
        id(step.text),
        tuple(map(id, step.assumed)) if step.assumed else (),
        (
            *params,
            *(v.as_integer_ratio() if isinstance(v, Fraction) else v for v in params.values()),
        )
        if params
        else (),
    )


def line_document(valuation: Valuation, line: int, language: Language) -> dict[str, Any]:
    """One line as the JSON document holds it: value, story, what was wrong and what to check."""
    story = explain(valuation, line)
    checks = [_document(step, language) for step in story if step.step == "to_check"]
    return {
        **_line_head(valuation, line),
        "explanation": [_document(step, language) for step in story if step.step != "to_check"],
        "problems": [problem_document(p, language) for p in valuation.problems(line)],
        "to_check": [
            *checks,
            *_double_documents(doubles_of(valuation), valuation, line, language),
        ],
    }


def _document(step: Step, language: Language) -> dict[str, Any]:
    is_check = step.step == "to_check"
    return check_document(step, language) if is_check else step_document(step, language)


def _double_documents(
    doubles: Doubles, valuation: Valuation, line: int, language: Language
) -> list[dict[str, Any]]:
    """Why a line may be double, each with the rows of the other lines."""
    return [
        check_document(
            check_of(valuation, double),
            language,
            rows=[int(valuation.lines.row[other]) for other in double.others],
        )
        for double in doubles.of(line)
    ]


def _line_head(valuation: Valuation, line: int) -> dict[str, Any]:
    return {
        "row": int(valuation.lines.row[line]),
        "reference": valuation.lines.reference[line],
        "block": valuation.lines.block[line],
        "status": str(valuation.status(line)),
        "value_cents": valuation.value_cents(line),
    }
