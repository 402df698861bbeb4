"""The outbox."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.notices.choices import OVER, Channel, Fault, Group, Rhythm, State
from telmee.core.free_text import EMAIL


class Notice(models.Model):
    """One thing that one reader is told about one event.

    `code` says which words (`web/templates/notices/mail`), `facts` what they are about: names,
    days and numbers, never a sentence. The reader is a user, or an address that has no account yet.
    With an organisation, contract or invitation he is told only as long as that is his to see, and
    never after `until`. `language` is for who has no account; of a user it is asked at sending.

    `fault` is why the latest attempt failed, and `answer` what the mail server said then.

    `message_id` follows from event and reader: the same event twice is the same notice. `mail` is
    the Message-ID of the mail in which it goes, kept once it was taken, so that a mail that is sent
    again is the same mail; it follows from the first of those which go together (`wording`).
    `sealed` is an address that lets somebody in, sealed with the key of the installation and
    removed as soon as the notice is over.
    """

    code = models.CharField(max_length=40)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.MAIL)
    user_id = models.BigIntegerField(null=True)
    address = models.EmailField(max_length=EMAIL.maximum, blank=True)
    language = models.CharField(max_length=2)
    organisation_id = models.BigIntegerField(null=True)
    contract_id = models.BigIntegerField(null=True)
    invitation_id = models.BigIntegerField(null=True)
    until = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=300, unique=True)
    mail = models.CharField(max_length=300, blank=True)
    sealed = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Looked up by what is to be sent, and by what waits for a person."""

        indexes = (
            models.Index(
                fields=["next_attempt_at", "id"],
                name="notice_to_send",
                condition=Q(state=State.WAITING),
            ),
            models.Index(
                fields=["user_id", "mail"],
                name="notice_of_reader",
                condition=Q(state=State.WAITING),
            ),
            models.Index(
                fields=["state"],
                name="notice_open",
                condition=~Q(state__in=OVER),
            ),
            models.Index(fields=["mail"], name="notice_in_mail", condition=~Q(mail="")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(user_id__isnull=False, address="")
                | (Q(user_id__isnull=True) & ~Q(address="")),
                name="one_reader",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="known_state_of_notice"
            ),
            models.CheckConstraint(
                condition=Q(sealed="") | ~Q(state__in=OVER), name="no_secret_left"
            ),
        )


class Suspect(models.Model):
    """An address that a mail server refused for good, with what it answered.

    It is used no more, until its reader or an operator says that it works; then the row is gone.
    """

    address = models.EmailField(max_length=EMAIL.maximum, unique=True)
    answer = models.CharField(max_length=500)
    since = models.DateTimeField(db_default=Now())


class Wish(models.Model):
    """How often somebody wants to be told what belongs to a group; without one, as is usual."""

    user_id = models.BigIntegerField()
    group = models.CharField(max_length=20, choices=Group.choices)
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices)

    class Meta:
        """One wish for each group."""

        constraints = (
            models.UniqueConstraint(fields=("user_id", "group"), name="one_wish_each_group"),
            models.CheckConstraint(condition=Q(rhythm__in=Rhythm.values), name="known_rhythm"),
        )
