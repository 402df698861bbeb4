"""Organisations, users, roles, invitations, regions and recognitions."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from telmee.apps.organisations.choices import RecognitionKind, Role
from telmee.apps.organisations.names import SEARCH_MAX, search_key
from telmee.core.free_text import CERTIFICATE, EMAIL, FILTER, KEY, NAME, PERSON_NAME, QUERY, URL


class UserManager(BaseUserManager["User"]):
    """Makes users; signing up happens by invitation only."""

    def create_user(self, email: str, password: str | None = None, **facts: object) -> User:
        """Make a user who signs in with this address; without a password he cannot, yet."""
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in. What he may do follows from his memberships alone.

    `is_operator` may add organisations and invite or propose their managers, and sees
    no contracts. With `gets_heads` a manager of a client is mailed the check number of the books
    each day.
    """

    email = models.EmailField(max_length=EMAIL.maximum, unique=True)
    name = models.CharField(max_length=PERSON_NAME.maximum)
    language = models.CharField(max_length=2, choices=[("nl", "nl"), ("en", "en")], default="nl")
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    gets_heads = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


class KeptFilter(models.Model):
    """How somebody filters and sorts a list, under a name of his own; nobody else sees it.

    `page` is the name of the list's address, and `query` what stands behind it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_filters")
    page = models.CharField(max_length=KEY.maximum)
    name = models.CharField(max_length=FILTER.maximum)
    query = models.CharField(max_length=QUERY.maximum)

    class Meta:
        """One filter of a name for each list."""

        constraints = (
            models.UniqueConstraint(fields=("user", "page", "name"), name="one_filter_each_name"),
        )

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """A labour-market region (arbeidsmarktregio), by its code of Statistics Netherlands."""

    code = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality, by its code of Statistics Netherlands (GM0363)."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class RegionMembership(models.Model):
    """From when to when a municipality belonged to a region; regions are redrawn now and then."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="memberships"
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        """At most one region at a time; the migration adds the exclusion of overlaps."""

        constraints = (
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="region_membership_in_order",
            ),
        )


class Organisation(models.Model):
    """A public body, a company or a foundation; one organisation may be client and contractor.

    Name and numbers are facts of the trade register and open to everybody who signed in; what
    organisations have to do with each other is not. `search_name` is made by `search_key`. A client
    that `accepts_ahead` decides at once on effort that is still to come, and one that
    `carries_surplus` lets it go from one contract to another. `answer_days` is how long the other
    side of a proposal has to answer, `dispute_days` how long two sides have to come to something
    after one of them disputed what the other proposed, and `objection_days` how long the client
    itself has to decide on an objection. `letter_language` is that of letters to it.
    """

    name = models.CharField(max_length=NAME.maximum)
    search_name = models.CharField(max_length=SEARCH_MAX, editable=False)
    kvk = models.CharField(max_length=8, null=True, blank=True, unique=True)
    oin = models.CharField(max_length=20, null=True, blank=True, unique=True)
    rsin = models.CharField(max_length=9, null=True, blank=True, unique=True)
    is_client = models.BooleanField(default=False)
    accepts_ahead = models.BooleanField(default=False)
    dispute_days = models.PositiveSmallIntegerField(null=True)
    carries_surplus = models.BooleanField(default=False)
    answer_days = models.PositiveSmallIntegerField(null=True, blank=True)
    objection_days = models.PositiveSmallIntegerField(null=True, blank=True)
    letter_language = models.CharField(
        max_length=2, choices=[("nl", "nl"), ("en", "en")], default="nl"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations"
    )
    invented = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Sorted and searched by the key that Python makes, whatever the collation."""

        indexes = (models.Index(fields=["search_name"], name="organisation_by_name"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the search key with the name."""
        self.search_name = search_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class FormerName(models.Model):
    """What an organisation was called until a moment; written by the database, never changed.

    What was told of it until then was told under that name.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="former_names"
    )
    name = models.CharField(max_length=NAME.maximum)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Somebody acts for an organisation, in a role."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One role for an organisation."""

        constraints = (
            models.UniqueConstraint(fields=["user", "organisation"], name="one_role_each"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="known_role"),
        )


class Invitation(models.Model):
    """A link that makes somebody a member, once, within two weeks.

    Only the hash of the link's token is kept, so that reading this table lets nobody in. `is_first`
    comes from outside, for an organisation that nobody belongs to. Sent by a client it says for
    which contract (`contract_id`); once accepted it is a claim: the organisation's contracts open
    as far as clients, or the operator, confirm that its people are who they say.

    With `needs_approval` an operator proposes a manager for an organisation that has people. The
    link is made and mailed when somebody else approves it (`approved_by`); until then it opens
    nothing.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(max_length=EMAIL.maximum)
    role = models.CharField(max_length=10, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    is_first = models.BooleanField(default=False)
    contract_id = models.BigIntegerField(null=True, blank=True)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Claims are looked up by organisation for every contract that is read."""

        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (Q(needs_approval=True) & ~Q(approved_by=models.F("invited_by"))),
                name="approved_by_another",
            ),
        )

        indexes = (
            models.Index(
                fields=["organisation", "-accepted_at"],
                name="claim_of_organisation",
                condition=Q(is_first=True, accepted_at__isnull=False),
            ),
        )


class Confirmation(models.Model):
    """Who knows that a claim is right: a client or team for the contracts on which it decides.

    Without `confirmed_by` it is the operator's, and opens all contracts of the organisation.
    """

    claim = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="confirmations")
    confirmed_by = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, related_name="+"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Each confirms once."""

        constraints = (
            models.UniqueConstraint(
                fields=["claim", "confirmed_by"], nulls_distinct=False, name="confirmed_once"
            ),
        )


class Recognition(models.Model):
    """A certificate that an organisation holds, with its validity and who looked at it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="recognitions"
    )
    kind = models.CharField(max_length=10, choices=RecognitionKind.choices)
    level = models.CharField(max_length=CERTIFICATE.maximum, blank=True)
    number = models.CharField(max_length=CERTIFICATE.maximum, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    source = models.URLField(max_length=URL.maximum, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """A recognition ends after it began."""

        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="recognition_in_order",
            ),
        )

    def is_valid_on(self, day: date) -> bool:
        """Whether the certificate held on a day, both ends included."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
