"""Contributions, uploads and evidence.

The cells are those of a contribution file, in the units of `telmee.core.contributions`: hours are
hundredths, euros cents.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.choices import HandingInStatus, State, UploadStatus
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.people.models import Person
from telmee.apps.receipts.models import Receipt
from telmee.core.free_text import EMAIL, ENTERPRISE, KEY, KEYS, NAME, PERSON_NAME, REASON, REFERENCE


class Upload(models.Model):
    """A file of contributions that was handed in; its lines become drafts, or are listed here.

    `refused` lists what did not get in: a document of a problem with its row and column.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100)
    status = models.CharField(
        max_length=12, choices=UploadStatus.choices, default=UploadStatus.WAITING
    )
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        """The same file twice is the same upload."""

        constraints = (
            models.UniqueConstraint(
                fields=["contract", "organisation", "sha256"], name="upload_once"
            ),
        )


class Contribution(models.Model):
    """One line of effort on a contract, delivered by one organisation.

    `value_cents` is the engine's value when it was last saved, `None` where it has none. Once the
    line was handed in, `receipt` keeps that value with its story, and `decided` the figure of the
    decision that stands, as long as it counts. Where that is on a part, `rest_cents` is what it
    left, and `rest_after` the last day of the effort: from the day after, the rest waits.
    `answer_by` is the last day to answer what is open on it: a question, or an objection.

    `pool` is the initiative of several contractors that the line is for: what is decided on it is
    divided over their contracts.

    `version` counts the saves, so that two people at one line notice each other. `fingerprint` is
    made of the cells: the same line comes in once.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="contributions")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contributions"
    )
    key = models.UUIDField(unique=True, default=uuid4)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    reference = models.CharField(max_length=REFERENCE.maximum)
    block = models.CharField(max_length=KEY.maximum)
    begin = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    weekly_hours = models.IntegerField(null=True, blank=True)
    hours = models.IntegerField(null=True, blank=True)
    amount_cents = models.BigIntegerField(null=True, blank=True)
    count = models.IntegerField(null=True, blank=True)
    bonuses = models.CharField(max_length=KEYS.maximum, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="lines")
    supplier = models.CharField(max_length=ENTERPRISE.maximum, blank=True)
    certificate = models.CharField(max_length=KEY.maximum, blank=True)
    certificate_until = models.DateField(null=True, blank=True)
    full_time_hours = models.IntegerField(null=True, blank=True)
    last_benefit_day = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=REASON.maximum, blank=True)
    pool = models.UUIDField(null=True)
    value_cents = models.BigIntegerField(null=True)
    value_status = models.CharField(max_length=16, default="refused")
    verified_cents = models.BigIntegerField(null=True)
    rest_cents = models.BigIntegerField(null=True)
    rest_after = models.DateField(null=True)
    answer_by = models.DateField(null=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, null=True, related_name="+")
    decided = models.ForeignKey(Receipt, on_delete=models.PROTECT, null=True, related_name="+")
    fingerprint = models.CharField(max_length=64)
    upload = models.ForeignKey(
        Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="contributions"
    )
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """What was handed in has a moment; the queue and the figures have their index."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="contribution_state"),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn")) | Q(submitted_at__isnull=False),
                name="submitted_has_moment",
            ),
            models.UniqueConstraint(
                fields=["contract", "organisation", "reference"],
                condition=~Q(state="withdrawn"),
                name="reference_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["contract", "state"],
                include=("organisation_id", "value_cents", "submitted_at"),
                name="contribution_figures",
            ),
            models.Index(
                fields=["submitted_at"],
                condition=Q(state__in=("submitted", "objection")),
                name="contribution_queue",
            ),
            models.Index(
                fields=["organisation", "begin", "amount_cents"],
                condition=Q(amount_cents__isnull=False),
                name="contribution_invoice",
            ),
            models.Index(
                fields=["pool"], condition=Q(pool__isnull=False), name="contribution_pool"
            ),
            models.Index(
                fields=["rest_after"],
                condition=Q(state="partly"),
                name="contribution_rest",
            ),
            models.Index(
                fields=["answer_by"], condition=Q(state="asked"), name="contribution_asked"
            ),
            models.Index(
                fields=["certificate_until", "contract"],
                condition=Q(certificate_until__isnull=False),
                name="contribution_certificate",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class HandingIn(models.Model):
    """Many drafts that the worker hands in together: which were meant, and what came of it.

    `lines` are the ids of the drafts when it was asked: what is added later stays a draft.
    `refused` lists why lines stayed behind, each with its reference and a document of the problem;
    `key` makes the same submit twice the same asking.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    upload = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    lines = models.JSONField()
    status = models.CharField(
        max_length=12, choices=HandingInStatus.choices, default=HandingInStatus.WAITING
    )
    count = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)


class Evidence(models.Model):
    """A file that proves a contribution, outside the web root; never a letter about a person.

    What somebody called it is not kept, for that may be a name: it has a number on its line.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="evidence"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=300)
    media_type = models.CharField(max_length=100)
    #: Whether a BSN could be looked for in all of it; a scan and a picture hold no text.
    is_searched = models.BooleanField()
    #: Whether the worker is still to look for a BSN in it; until then only who added it sees it.
    waits_for_search = models.BooleanField(default=False, db_default=False)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        """Nothing of a line is called the same twice, also when one was removed."""

        constraints = (
            models.UniqueConstraint(fields=["contribution", "number"], name="evidence_number"),
        )


class Touched(models.Model):
    """A line that was decided, and that an amendment of its contract would value otherwise.

    It keeps `decided_cents` until a person opens it again; `then_cents` is what the rules would
    give it, and empty where they give none. It waits in the work list until somebody reviewed it.
    `amendment` is the number of the amendment.
    """

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="touched")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    amendment = models.PositiveIntegerField()
    decided_cents = models.BigIntegerField()
    then_cents = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Once for each amendment; what waits is read per contract."""

        constraints = (
            models.UniqueConstraint(fields=["contribution", "amendment"], name="touched_once"),
        )
        indexes = (
            models.Index(
                fields=["contract"], condition=Q(reviewed_at__isnull=True), name="touched_waiting"
            ),
        )


class Sighting(models.Model):
    """Seen, not kept: who saw which proof, when. What the proof says stays with its owner."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="sightings"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=300)
    seen_on = models.DateField()
    seen_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class CounterpartyLink(models.Model):
    """A link by which somebody outside confirms a line, once and for a while: `who`, in words.

    Only a hash is kept, which does not open it. Where there is an `address` the product mails it;
    without one, who asked forwards it himself. `fingerprint` is that of the line as it was asked
    about: a line that changed is not what this link is for.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="counterparty_links"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    who = models.CharField(max_length=NAME.maximum)
    address = models.EmailField(max_length=EMAIL.maximum, blank=True)
    language = models.CharField(max_length=2)
    fingerprint = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    key = models.UUIDField(unique=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())

    @property
    def reply(self) -> CounterpartyAnswer | None:
        """The answer that came by it, if there is one."""
        return getattr(self, "answer", None)


class CounterpartyAnswer(models.Model):
    """What somebody outside said of a line: that it is right, or why it is not.

    The database alone writes it, for who has the link. `name` and `function` are his own, of his
    work. A line that is said to be not right waits in the work list until somebody `reviewed` it.
    """

    link = models.OneToOneField(CounterpartyLink, on_delete=models.PROTECT, related_name="answer")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="counterparty_answers"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    confirms = models.BooleanField()
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    name = models.CharField(max_length=PERSON_NAME.maximum)
    function = models.CharField(max_length=PERSON_NAME.maximum)
    answered_at = models.DateTimeField(db_default=Now())
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Who says no says why; what waits is read per contract."""

        constraints = (
            models.CheckConstraint(
                condition=Q(confirms=True) | ~Q(reason=""), name="denial_says_why"
            ),
        )
        indexes = (
            models.Index(
                fields=["contract"],
                condition=Q(confirms=False, reviewed_at__isnull=True),
                name="denial_waiting",
            ),
        )
