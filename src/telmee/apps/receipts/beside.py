"""What stands beside a receipt: the columns of the rows that show its figure.

A receipt is sealed, and so are most rows that lean on one. A line of effort is not, for it is
written while it is a draft: who owns the tables could let it say other hours than those that its
story tells. Every kind of row is held against its receipt in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from telmee.core.tables.contribution_columns import (
    CONTRIBUTION,
    OF_CONTRACT,
    OF_LINE,
    OF_PLAN,
    PERSON,
    REFERENCE,
)

_NOTHING = "'{}'::jsonb"
#: The inputs of a receipt that the row of a line does not say: what its contract said then.
_OF_CONTRACT = "ARRAY[" + ", ".join(f"'{name}'" for name in OF_CONTRACT) + "]"


def _document(facts: Mapping[str, str]) -> str:
    """Facts as JSON, in SQL; as in the inputs of a receipt, what is empty is left out."""
    pairs = ", ".join(f"'{name}', {fact}" for name, fact in facts.items())
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


def _cells(names: Iterable[str]) -> dict[str, str]:
    """The columns of a row `t` by their Dutch names, as the inputs of a receipt have them."""
    cells = {}
    for name in names:
        column = CONTRIBUTION[name]
        cell = f't."{column.row_field}"'
        cells[name] = f"nullif({cell}, '')" if column.limit else cell
    return cells


def _rows(
    table: str,
    kind: str,
    says: Mapping[str, str],
    kept: Mapping[str, str],
    *,
    inputs: str = _NOTHING,
) -> str:
    """The rows `t` of a table beside their receipts `r`: what each says, and what it was made of.

    `kind` is that of the receipt, in SQL; `inputs` are the inputs of it that the row says as well.
    """
    own = {"kind": kind, "contract_id": "t.contract_id", **says}
    its = {"kind": "r.kind", "contract_id": "r.contract_id", **kept}
    return f"""
        SELECT '{table}' AS place, t.id, t.contract_id, t.receipt_id,
               {_document(own)} AS says,
               coalesce({inputs}, {_NOTHING}) || {_document(its)} AS kept
        FROM {table} t LEFT JOIN receipts_receipt r ON r.id = t.receipt_id"""  # noqa: S608 - ours


_OF_LINES = _cells(name for name in OF_LINE if name != PERSON)
_OF_PLANS = _cells(OF_PLAN)
_LINES = _rows(
    "contributions_contribution",
    "'contribution'",
    _OF_LINES
    | {
        PERSON: "t.person_id::text",
        "organisation_id": "t.organisation_id",
        "value_cents": "t.value_cents",
        "value_status": "t.value_status",
    },
    {
        "organisation_id": "r.organisation_id",
        "value_cents": "r.cents",
        "value_status": "r.status",
    },
    inputs=f"r.inputs - {_OF_CONTRACT}",
)
_PLANS = _rows(
    "agreements_planline",
    "'plan'",
    _OF_PLANS
    | {
        REFERENCE: "'plan'",
        "organisation_id": "t.organisation_id",
        "value_cents": "t.value_cents",
        "number": "t.number",
    },
    {
        "organisation_id": "r.organisation_id",
        "value_cents": "r.cents",
        "number": "r.used->'number'",
    },
    inputs=f"r.inputs - {_OF_CONTRACT}",
)
# What a decision and an entry count of a figure is another check; that of a penalty is the whole.
_DECISIONS = _rows("decisions_decision", "'contribution'", {}, {})
_QUESTIONS = _rows("decisions_question", "'contribution'", {}, {})
_ENTRIES = _rows(
    "ledger_entry",
    "CASE t.kind WHEN 'realised' THEN 'contribution' WHEN 'penalty' THEN 'sanction'"
    " ELSE 'obligation' END",
    {"amount_cents": "CASE WHEN t.kind = 'penalty' THEN abs(t.amount_cents) END"},
    {"amount_cents": "CASE WHEN t.kind = 'penalty' THEN coalesce(r.named_cents, r.cents) END"},
)

#: Rows of which a column is not what their receipt was made of, and which columns those are.
ROWS_THAT_DIFFER = f"""
    SELECT place AS table, id AS row, contract_id AS contract,
           coalesce(receipt_id, 0) AS receipt,
           (SELECT string_agg(name, ', ' ORDER BY name) FROM jsonb_object_keys(says || kept) name
            WHERE says->name IS DISTINCT FROM kept->name) AS columns
    FROM ({_LINES} WHERE t.state <> 'draft'
        UNION ALL {_PLANS}
        UNION ALL {_DECISIONS} WHERE t.receipt_id IS NOT NULL
        UNION ALL {_QUESTIONS}
        UNION ALL {_ENTRIES} WHERE t.receipt_id IS NOT NULL
    ) beside WHERE says IS DISTINCT FROM kept"""  # noqa: S608 - only our own names
