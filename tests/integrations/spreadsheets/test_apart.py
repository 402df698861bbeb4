"""A spreadsheet read apart is what it is when read here, and a bomb harms nobody but its reader."""

import resource
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.errors import DomainError
from telmee.core.tables.columns import Coded
from telmee.core.tables.contribution_columns import Contributions
from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.spreadsheets import apart, open_table
from telmee.integrations.spreadsheets.apart import read_contribution_file
from tests.integrations.spreadsheets.making import (
    HEADER,
    ODS_HEADER,
    document,
    ods_cell,
    ods_row,
    workbook,
    worksheet,
)

#: The columns of what is behind the header, one to a kind; the third line has two mistakes.
LINES = (
    "extra;kenmerk;bouwblok;begin;uren_per_week;toeslagen;persoon\n"
    ";A;pw_lt2;1-7-2025;24;a, b;P-1\n"
    ";B;pw_lt2;;24,5;;P-1\n"
    ";C;;maandag;x;;\n"
    ";D;training;2-7-2025;;;P-2\n"
)
SMALL = Limits(memory=48 << 20, cpu_seconds=30, seconds=60)


def in_file(folder: Path, content: bytes | str, name: str = "blad") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def same(one: Contributions, other: Contributions) -> bool:
    """Whether two batches hold the same, in columns of the same kind."""
    for column in fields(Contributions):
        left, right = getattr(one, column.name), getattr(other, column.name)
        if isinstance(left, Coded):
            assert left.names == right.names
            left, right = left.codes, right.codes
        if isinstance(left, np.ndarray):
            assert (left.dtype, left.tolist()) == (right.dtype, right.tolist())
        else:
            assert left == right
    return True


def test_a_file_comes_back_as_it_is_read_here(tmp_path: Path) -> None:
    path = in_file(tmp_path, LINES)
    found, here = read_contribution_file(path, lines_max=4), read_contributions(open_table(path))
    assert len(here.contributions.problems[2]) == 3
    assert same(found.reading.contributions, here.contributions)
    assert found.reading.notices == here.notices != ()
    assert found.letters["kenmerk"] == "B"


def test_more_lines_than_asked_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        read_contribution_file(in_file(tmp_path, LINES), lines_max=3)
    (problem,) = caught.value.problems
    assert (problem.code, problem.params) == ("upload_too_many_lines", {"count": 4, "maximum": 3})


def _cells(count: int, cell: str) -> str:
    return worksheet(HEADER + "".join(f"<row>{cell * 16}</row>" for _ in range(count // 16)))


SHARED = '<c t="s"><v>0</v></c>'
BOMBS = {
    "many numbers": (lambda: workbook(_cells(1_600_000, "<c><v>1.5</v></c>"))),
    "many shared texts": (
        lambda: workbook(_cells(800_000, SHARED), shared=f"<si><t>{'x' * 90}</t></si>")
    ),
    "a part of zeros": (lambda: workbook(worksheet(HEADER + " " * 150_000_000))),
    "rows of one file": (
        lambda: document(
            ODS_HEADER,
            *(ods_row(*[ods_cell("string", text="a" * 20_000)] * 16) for _ in range(400)),
        )
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_and_takes_nothing_of_who_asked(tmp_path: Path, bomb: str) -> None:
    content = BOMBS[bomb]()
    assert len(content) < 1_000_000
    path = in_file(tmp_path, content)
    del content
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DomainError) as caught:
        read_apart(apart.contributions_there, path, 20_000, limits=SMALL)
    assert [problem.code for problem in caught.value.problems] == ["file_too_heavy"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 << 10


def test_entities_that_multiply_are_refused_as_they_are_met(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE sst [<!ENTITY e0 "x">{entities}]>'
    bomb = workbook(doctype + worksheet(HEADER), shared="<si><t>&e11;</t></si>")
    with pytest.raises(DomainError):
        read_contribution_file(in_file(tmp_path, bomb), lines_max=9)
