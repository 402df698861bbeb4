"""Contracts and parties.

Amounts are whole cents excluding VAT, shares basis points, hours hundredths.
"""

from __future__ import annotations

from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from telmee.apps.contracts.choices import (
    Category,
    Form,
    Ground,
    NoObligation,
    PartyRole,
    TurnoverPeriods,
)
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.organisations.names import SEARCH_MAX, search_key
from telmee.apps.receipts.models import Receipt
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.free_text import LOT, NAME, REASON, REFERENCE

#: Roles that no takeover gives.
_UNDATED = [role for role in PartyRole.values if role not in {"contractor", "former"}]


class CpvCode(models.Model):
    """A code of the Common Procurement Vocabulary of 2008, with its Dutch description."""

    code = models.CharField(max_length=10, primary_key=True)
    description = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.code} {self.description}"


class Contract(models.Model):
    """A contract between one client and one contractor, or a call-off under a framework.

    Its facts are those of all its amendments together, up to and including number `amended`.

    A lot is a contract of its own: `procurement` is the tender's reference, which lots share.
    `scheme` is the version that the contract's own date selects. `obligation_cents` is what stands
    in the books as imposed, and `obligation_receipt` how it came about; what was waived since, only
    the books say. Without an obligation, `no_obligation` says why. `over_turnover` says that the
    contract itself reckons over the invoiced turnover, whatever its scheme says; `turnover_period`
    is empty where it does not say per which period, and `client_decides` whether it lets the client
    decide on turnover that the two do not agree on. One that was registered by mistake is voided:
    it is closed for good, and counts nowhere from `voided_on` on. `key` comes with the form, so
    that the same submit twice registers one contract.
    """

    key = models.UUIDField(unique=True, default=uuid4)
    reference = models.CharField(max_length=REFERENCE.maximum)
    name = models.CharField(max_length=NAME.maximum)
    search_text = models.CharField(max_length=SEARCH_MAX, editable=False)
    category = models.CharField(max_length=10, choices=Category.choices)
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.SINGLE)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="call_offs"
    )
    procurement = models.CharField(max_length=REFERENCE.maximum, blank=True)
    lot = models.CharField(max_length=LOT.maximum, blank=True)
    cpv = models.ForeignKey(CpvCode, on_delete=models.PROTECT, null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    awarded_on = models.DateField(null=True, blank=True)
    start = models.DateField()
    end = models.DateField()
    extension_count = models.PositiveSmallIntegerField(default=0)
    extension_months = models.PositiveSmallIntegerField(default=0)
    value_cents = models.BigIntegerField()
    wages_cents = models.BigIntegerField(null=True, blank=True)
    labour_share_bp = models.PositiveIntegerField(null=True, blank=True)
    with_vat_cents = models.BigIntegerField(null=True, blank=True)
    eu_threshold_cents = models.BigIntegerField(null=True, blank=True)
    offered_bp = models.PositiveIntegerField(null=True, blank=True)
    chosen_bp = models.PositiveIntegerField(null=True, blank=True)
    agreed_cents = models.BigIntegerField(null=True, blank=True)
    over_turnover = models.BooleanField(default=False, db_default=False)
    turnover_period = models.CharField(
        max_length=10, choices=TurnoverPeriods.choices, blank=True, default="", db_default=""
    )
    client_decides = models.BooleanField(default=False, db_default=False)
    rules_client = models.CharField(max_length=NAME.maximum, blank=True)
    scheme = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="+")
    obligation_cents = models.BigIntegerField(null=True, blank=True)
    obligation_receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, null=True, related_name="+"
    )
    percentage_reason = models.CharField(max_length=REASON.maximum, blank=True)
    no_obligation = models.CharField(max_length=20, choices=NoObligation.choices, blank=True)
    no_obligation_reason = models.CharField(max_length=REASON.maximum, blank=True)
    adviser = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField(null=True, blank=True)
    voided_on = models.DateField(null=True, blank=True)
    amended = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Facts that contradict each other do not get in."""

        constraints = (
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="contract_in_order"),
            models.CheckConstraint(condition=Q(value_cents__gte=0), name="contract_value_positive"),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="contract_category"
            ),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="contract_form"),
            models.CheckConstraint(
                condition=(Q(form="call_off") & Q(parent__isnull=False))
                | (~Q(form="call_off") & Q(parent__isnull=True)),
                name="call_off_has_framework",
            ),
            models.CheckConstraint(
                condition=Q(form="framework")
                | (Q(obligation_cents__isnull=False) & Q(obligation_cents__gte=0))
                | ~Q(no_obligation=""),
                name="apply_or_explain",
            ),
            models.CheckConstraint(
                condition=Q(voided_on__isnull=True)
                | Q(voided_on=F("closed_on"), closed_on__isnull=False, obligation_cents=0),
                name="voided_owes_nothing",
            ),
        )
        indexes = (
            models.Index(fields=["end"], name="contract_by_end"),
            models.Index(fields=["procurement"], name="contract_by_procurement"),
            models.Index(
                fields=["voided_on"],
                condition=Q(voided_on__isnull=False),
                name="contract_voided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep what is searched with what it was made from."""
        self.search_text = search_key(f"{self.reference} {self.name} {self.lot}")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Restriction(models.Model):
    """That somebody of an organisation sees some of its contracts alone: those given to him.

    It stays when he leaves, so that he comes back with no more than he had.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """Once for each person and organisation."""

        constraints = (
            models.UniqueConstraint(fields=["user", "organisation"], name="restriction_once"),
        )


class Assignment(models.Model):
    """A contract that was given to who does not see all of those of his organisation."""

    restriction = models.ForeignKey(
        Restriction, on_delete=models.CASCADE, related_name="assignments"
    )
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """Each once."""

        constraints = (
            models.UniqueConstraint(fields=["restriction", "contract"], name="assignment_once"),
        )


class Amendment(models.Model):
    """A change of the facts of a contract; number 0 is its registration. Nothing in it changes.

    `facts` are those that change, by the names in `TERMS`, from the day `effective_on` on. `key`
    comes with the form, so that the same submit twice amends once. What both sides agreed of the
    turnover of a period is an amendment as well, which names the `version_id` of that agreement.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveIntegerField()
    effective_on = models.DateField()
    ground = models.CharField(max_length=12, choices=Ground.choices)
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    key = models.UUIDField(unique=True, default=uuid4)
    version_id = models.BigIntegerField(null=True, unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered from the registration on, which is number 0 and has no other reason."""

        constraints = (
            models.UniqueConstraint(fields=["contract", "number"], name="amendment_once"),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="amendment_ground"),
            models.CheckConstraint(
                condition=Q(number=0, ground="registered")
                | (Q(number__gte=1) & ~Q(ground="registered") & ~Q(reason=""))
                | Q(number__gte=1, ground="turnover"),
                name="amendment_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ground="turnover", version_id__isnull=False)
                | (~Q(ground="turnover") & Q(version_id__isnull=True)),
                name="amendment_of_turnover",
            ),
        )


class Party(models.Model):
    """An organisation and what it is to a contract.

    `since` is the day from which it is, where a takeover made it so: it carries the contract out
    from then on, or from then on no more. Who carries it out follows from the amendments.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=20, choices=PartyRole.choices)
    since = models.DateField(null=True, blank=True)

    class Meta:
        """One client and one contractor; found by organisation and by contract."""

        constraints = (
            models.UniqueConstraint(fields=["contract", "organisation", "role"], name="party_once"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(role="client"), name="one_client"
            ),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(role="contractor"), name="one_contractor"
            ),
            models.CheckConstraint(condition=Q(role__in=PartyRole.values), name="party_role"),
            models.CheckConstraint(
                condition=Q(since__isnull=True, role__in=_UNDATED)
                | Q(since__isnull=False, role=PartyRole.FORMER)
                | Q(role=PartyRole.CONTRACTOR),
                name="party_since",
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "role", "contract"], name="party_by_organisation"),
        )
