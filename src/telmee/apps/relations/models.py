"""Contact persons, conversations, messages, tasks, and who stands in for whom."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from telmee.apps.contracts.choices import TurnoverPeriods
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.relations.choices import ConversationKind
from telmee.core.contact_terms import WEEKS_MAX, WEEKS_MIN
from telmee.core.free_text import EMAIL, FUNCTION, PERSON_NAME, PHONE, REASON, TASK


class Contact(models.Model):
    """Somebody whom the other side can reach at work about a contract.

    `organisation` keeps it, and both sides see it. It is removed, and not closed: when somebody
    goes, nothing of him stays. The database removes the rows of who loses his membership.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="contacts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=PERSON_NAME.maximum)
    function = models.CharField(max_length=FUNCTION.maximum, blank=True)
    email = models.EmailField(max_length=EMAIL.maximum)
    phone = models.CharField(max_length=PHONE.maximum, blank=True)

    class Meta:
        """Once for each organisation on a contract, by his address."""

        constraints = (
            models.UniqueConstraint(
                fields=["contract", "organisation", "email"], name="contact_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """What was spoken of on a day, or noted. It only grows: a better text is a row of its own.

    The team of who decides on the contract reads it; with `is_shared` its contractor does as well.
    `corrects` is the row that this one takes the place of. `key` comes with the form, so that the
    same submit twice writes once.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="conversations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ConversationKind.choices)
    held_on = models.DateField()
    text = models.CharField(max_length=REASON.maximum)
    is_shared = models.BooleanField(default=False)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="correction"
    )
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        """It says something, in a known way."""

        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=ConversationKind.values), name="conversation_kind"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="conversation_says_something"),
        )
        indexes = (models.Index(fields=["contract", "-held_on"], name="conversation_by_contract"),)


class Message(models.Model):
    """What one side writes to the other about a contract, or about one line of it. It only grows.

    Of a line it is read by who sees that line, else by the sides that keep in touch. A row that
    `withdraws` another has no text: it says that its side takes back what it wrote, and when. `key`
    comes with the form, so that the same submit twice writes once.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="messages")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, null=True, related_name="messages"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=REASON.maximum, blank=True)
    withdraws = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="withdrawal"
    )
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        """It says something, or takes something back."""

        constraints = (
            models.CheckConstraint(
                condition=Q(withdraws=None, text__gt="") | Q(withdraws__isnull=False, text=""),
                name="message_says_something",
            ),
        )
        indexes = (models.Index(fields=["contract", "-written_at"], name="message_by_contract"),)


class Reading(models.Model):
    """That somebody had a message on his screen: what he did not is shown to him as new."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="readings")
    user_id = models.BigIntegerField()
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Once for each reader."""

        constraints = (
            models.UniqueConstraint(fields=["message", "user_id"], name="message_read_once"),
        )


class Task(models.Model):
    """What somebody of a team has to do by a day, for a contract or apart from any.

    Only his own organisation sees it. `done_at` is empty until it is done.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, related_name="tasks"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=TASK.maximum)
    due_on = models.DateField()
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by_id = models.BigIntegerField(null=True)

    class Meta:
        """Looked up by whose it is, as long as it is open."""

        constraints = (models.CheckConstraint(condition=~Q(text=""), name="task_says_something"),)
        indexes = (
            models.Index(
                fields=["owner", "due_on"], condition=Q(done_at__isnull=True), name="task_open"
            ),
            models.Index(fields=["contract"], name="task_by_contract"),
        )


class Absence(models.Model):
    """From when until when somebody is away, and who looks after his work at an organisation.

    Both days belong to it. It ends by itself.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replacement = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()

    class Meta:
        """Somebody else stands in; the migration adds that no two overlap."""

        constraints = (
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="absence_in_order"),
            models.CheckConstraint(condition=~Q(user=F("replacement")), name="absence_has_another"),
        )


class ContactTerm(models.Model):
    """Within how many weeks of the award a client wants to be in touch, and then how often.

    Empty is never: see `telmee.core.contact_terms`. On each `report_period` that ends from the day
    `report_since` on, the contractor reports: see `telmee.core.obligations.reporting`.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    first_weeks = models.PositiveSmallIntegerField(null=True)
    every_weeks = models.PositiveSmallIntegerField(null=True)
    report_period = models.CharField(
        max_length=10, choices=TurnoverPeriods.choices, blank=True, default="", db_default=""
    )
    report_since = models.DateField(null=True)

    class Meta:
        """Between a week and two years; a report from some day on."""

        constraints = (
            models.CheckConstraint(
                condition=(Q(first_weeks=None) | Q(first_weeks__range=(WEEKS_MIN, WEEKS_MAX)))
                & (Q(every_weeks=None) | Q(every_weeks__range=(WEEKS_MIN, WEEKS_MAX))),
                name="contact_weeks",
            ),
            models.CheckConstraint(
                condition=Q(report_period="", report_since=None)
                | Q(report_period__in=TurnoverPeriods.values, report_since__isnull=False),
                name="report_since_a_day",
            ),
        )


class NothingToReport(models.Model):
    """That a contractor has nothing to report on a period of a contract, from `first` to `last`.

    It is his word of that moment, and only grows. A line of that period that is handed in takes its
    place (`telmee.apps.reports.reporting`), so nothing has to be taken back.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    user_id = models.BigIntegerField(null=True)
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Said once of each period."""

        constraints = (
            models.UniqueConstraint(
                fields=["contract", "organisation", "first"], name="nothing_once"
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="nothing_in_order"),
        )
