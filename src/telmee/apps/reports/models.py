"""Goals and frozen reports; and where contracts stand on a day, as rows to sort and to page.

A list of a thousand contracts shows fifty, the greatest concern first. So the database reckons for
all what `telmee.core.ledger.forecast` says (`telmee_standings`, reports.0002), and only the rows
that are shown come here. The rule stands in core: a test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Now
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable

from telmee.apps.contracts.access import parties_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.letters.choices import LANGUAGES, Media
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array
from telmee.apps.organisations.models import Organisation
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.core.free_text import REASON

_NAME = "standing"
#: What decides between equals: the contract that was registered first stands first.
_FIRST = "contract__pk"


class FunctionTable(BaseTable):
    """Rows of a function of the database, in the place of a table."""

    def __init__(self, name: str, call: str, params: tuple[Any, ...]) -> None:
        super().__init__(name, name)
        self._called = call, params

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        """The call, under the name that its columns are asked by."""
        call, params = self._called
        alias = self.table_alias or self.table_name
        return f"{call} {compiler.quote_name_unless_alias(alias)}", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> Self:
        """The same under another name, as a query within a query asks for."""
        clone = type(self)(self.table_name, *self._called)
        clone.table_alias = change_map.get(self.table_alias, self.table_alias or self.table_name)
        return clone


class Standings(models.QuerySet["StandingRow"]):
    """Where contracts stand, to filter, to sort and to page."""

    @classmethod
    def on(cls, contracts: models.QuerySet[Contract], today: date) -> Standings:
        """Where these contracts stand on a day, in their order. It is one query, for any number.

        Equals, and contracts in no order, stand as they were registered: a list that sorts them by
        something else shows two that are equal there in one order at each look.

        The row of a contract that somebody does not see whole is empty.
        """
        try:
            ids, of_ids = contracts.values("pk").query.sql_with_params()
        except EmptyResultSet:
            return cls(StandingRow).none()
        rows = cls._called(f"ARRAY({ids})", of_ids, today)
        orders = map(str, contracts.query.order_by)
        theirs = (re.sub("^-?", r"\g<0>contract__", order) for order in orders)
        return rows.order_by(*theirs, _FIRST)

    @classmethod
    def of(cls, contract_ids: Iterable[int], today: date) -> Standings:
        """The same of contracts whose ids are known, the first registered first."""
        return cls._called("%s::bigint[]", [as_array(contract_ids)], today)

    @classmethod
    def _called(cls, ids: str, of_ids: Iterable[Any], today: date) -> Standings:
        rows = cls(StandingRow)
        call = f"telmee_standings({ids}, %s)"
        rows.query.join(FunctionTable(_NAME, call, (*of_ids, today)))
        return rows.order_by(_FIRST)

    def to_list(self, today: date) -> Standings:
        """With what a list sorts, searches and narrows by."""
        client, contractor = (_name_of(role) for role in (PartyRole.CLIENT, PartyRole.CONTRACTOR))
        status = Case(
            When(contract__closed_on__isnull=False, then=Value("closed")),
            When(contract__start__gt=today, then=Value("coming")),
            When(contract__end__gte=today, then=Value("running")),
            default=Value("ended"),
        )
        searched = [client["organisation__search_name"], contractor["organisation__search_name"]]
        between = [part for name in searched for part in (Value(" "), Coalesce(name, Value("")))]
        return (
            self.select_related("contract")
            .annotate(
                client=Coalesce(client["organisation__name"], Value("")),
                contractor=Coalesce(contractor["organisation__name"], Value("")),
                status=status,
            )
            .alias(search=Concat("contract__search_text", *between))
        )

    def where_somebody_is(self, acting: Acting, roles: Iterable[str]) -> Standings:
        """Those of contracts on which his organisations have one of these roles."""
        parties = parties_of(acting).filter(contract=OuterRef("pk"), role__in=roles)
        return self.filter(Exists(parties))


def _name_of(role: str) -> dict[str, Subquery]:
    """The name of the organisation with a role on the contract of a row, and its key."""
    party = Party.objects.filter(contract=OuterRef("pk"), role=role)
    return {
        column: Subquery(party.values(column)[:1])
        for column in ("organisation__name", "organisation__search_name")
    }


class StandingRow(models.Model):
    """Where a contract stands on a day, in cents; empty for who does not see the whole of it.

    The sums of the books and what was said beside them; of that `waiting_cents` can still come
    (`waiting_to_come_cents` of it is for days after today), and of what was promised
    `planned_cents` lies ahead. Of a framework agreement, `beyond` is what goes beyond what a
    call-off owes, and takes nothing off what is open on another. `due_cents` is what should be done
    by now, and `severity` the place of its risk. A framework runs from the `first_day` of its
    call-offs to the `last_day`. There is no such table: `Standings.on` asks for the rows.
    """

    contract = models.OneToOneField(
        Contract, on_delete=models.DO_NOTHING, primary_key=True, related_name="+"
    )
    obligation_cents = models.BigIntegerField(null=True)
    reduced_cents = models.BigIntegerField(null=True)
    realised_cents = models.BigIntegerField(null=True)
    waived_cents = models.BigIntegerField(null=True)
    carried_in_cents = models.BigIntegerField(null=True)
    carried_out_cents = models.BigIntegerField(null=True)
    pooled_cents = models.BigIntegerField(null=True)
    penalty_cents = models.BigIntegerField(null=True)
    promised_cents = models.BigIntegerField(null=True)
    agreed_cents = models.BigIntegerField(null=True)
    delivered_cents = models.BigIntegerField(null=True)
    undecided_cents = models.BigIntegerField(null=True)
    delivered_to_come_cents = models.BigIntegerField(null=True)
    undecided_to_come_cents = models.BigIntegerField(null=True)
    verified_to_come_cents = models.BigIntegerField(null=True)
    met_to_come_cents = models.BigIntegerField(null=True)
    waiting_cents = models.BigIntegerField(null=True)
    waiting_to_come_cents = models.BigIntegerField(null=True)
    planned_cents = models.BigIntegerField(null=True)
    planned_agreed_cents = models.BigIntegerField(null=True)
    beyond_cents = models.BigIntegerField(null=True)
    beyond_expected_cents = models.BigIntegerField(null=True)
    beyond_done_cents = models.BigIntegerField(null=True)
    due_cents = models.BigIntegerField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    owed_cents = models.BigIntegerField(null=True)
    open_cents = models.BigIntegerField(null=True)
    expected_cents = models.BigIntegerField(null=True)
    severity = models.IntegerField(null=True)

    class Meta:
        """The application has no such table."""

        managed = False
        db_table = _NAME


class Goal(models.Model):
    """What an organisation wants to reach in a year; a later one takes the place of an earlier.

    `amount` is in the unit of the measure: cents, basis points, or a number. `None` takes a goal
    back. `source` is the decision that it stands in, such as a council proposal.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    measure = models.CharField(max_length=20, choices=Measure.choices)
    year = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField(null=True)
    source = models.CharField(max_length=REASON.maximum, blank=True)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Of a measure that exists, and never below zero."""

        constraints = (
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="goal_measure"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="goal_not_negative"
            ),
        )
        indexes = (models.Index(fields=["organisation", "year"], name="goal_of_year"),)


class Report(models.Model):
    """An account as it was published. Nothing in it ever changes.

    `document` is all that it says, as the text that `sha256` and `signature` were made of: figures,
    versions of the rules, and of each contract how many entries stood in its books with their hash.
    `public_key` is that of the installation at that moment. `before` is the report of the same kind
    and year that it corrects or brings up to date.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportKind.choices)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=88)
    public_key = models.CharField(max_length=44)
    before = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="after")
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    frozen_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per organisation."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="report_once"),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="report_kind"),
        )


class Counted(models.Model):
    """The people and places behind a report, before any were hidden, and which cells it hides.

    They are of these `clients`. What is published next is held against them by a function of the
    database (`reports.0005`); who published reads them alone. The rows of `people` and of `cells`
    are those of `hiding.counted`.
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="+")
    clients = ArrayField(models.BigIntegerField())
    people = models.JSONField()
    cells = models.JSONField()
    hidden = models.JSONField()


class Publishing(models.Model):
    """That somebody asked to publish a report; it is done once there is a report of this `key`.

    Hashing the books of all contracts takes seconds, so the worker does it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportKind.choices)
    year = models.PositiveSmallIntegerField()
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Of a kind that exists."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="publishing_kind"),
        )


class Draft(models.Model):
    """What a report would say, for who asked that before he publishes; thrown away after a week.

    `document` is as in a report, without its books. It is empty until the worker has made it, or
    `problems` say why it cannot be made. The report that is published from it bears its `key`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportKind.choices)
    year = models.PositiveSmallIntegerField()
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    document = models.TextField(blank=True)
    problems = models.JSONField(default=list)

    class Meta:
        """Of a kind that exists."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="draft_kind"),
        )


class Paper(models.Model):
    """A report as a file that was made once, in bytes; the database writes its hash and size.

    Whatever a house style or a program becomes later, who fetches it again has the same file.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="papers")
    media = models.CharField(max_length=4, choices=Media.choices)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    content = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One of each kind of file in a language."""

        constraints = (
            models.UniqueConstraint(
                fields=["report", "media", "language"], name="report_paper_once"
            ),
            models.CheckConstraint(condition=Q(media__in=Media.values), name="report_paper_media"),
        )
