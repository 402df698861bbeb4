"""House styles, letters and their papers. All three only grow: what was sent stays as it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.contracts.models import Contract
from telmee.apps.letters.choices import LANGUAGES, Media, mark_of
from telmee.apps.organisations.models import Organisation
from telmee.core.free_text import ADDRESS, COLOUR, KEY, LETTER_LINE, LETTER_PREFIX, REASON


class HouseStyle(models.Model):
    """How the letters of an organisation look, and what stands in each; the latest number counts.

    `logo` is a picture that was drawn anew. `objection_days` is how long its reader has to object,
    where the organisation has a term for that.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    colour = models.CharField(max_length=COLOUR.maximum)
    logo = models.BinaryField(null=True)
    address = models.CharField(max_length=ADDRESS.maximum, blank=True)
    prefix = models.CharField(max_length=LETTER_PREFIX.maximum, blank=True)
    legal_basis = models.CharField(max_length=LETTER_LINE.maximum, blank=True)
    objection_text = models.CharField(max_length=REASON.maximum, blank=True)
    objection_days = models.PositiveSmallIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per organisation, so that two cannot both be the latest."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="house_style_number"),
        )


class Template(models.Model):
    """An organisation's own Word template for a kind of letter or report; the latest counts.

    Without `content` there is none any more.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=KEY.maximum)
    number = models.PositiveIntegerField(db_default=1)
    content = models.BinaryField(null=True)
    user_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per organisation and kind, so that two cannot both be the latest."""

        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "kind", "number"], name="letter_template_number"
            ),
        )


class Letter(models.Model):
    """A letter as it was asked for: the facts that it tells, and to whom.

    Its text follows from `kind`, `facts` and `language`, and its looks from `house`; a `template`
    makes it in Word as well. `subject_id` is the id of what it is about, as its kind says; one
    thing has one letter on a contract. The database counts `number` per sender and year; `prefix`
    stands before it. It is sent once it has a paper: until then its reader sees nothing.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=KEY.maximum)
    subject_id = models.BigIntegerField(null=True)
    prefix = models.CharField(max_length=LETTER_PREFIX.maximum, blank=True)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(db_default=1)
    dated = models.DateField()
    language = models.CharField(max_length=2, choices=LANGUAGES)
    facts = models.JSONField()
    house = models.ForeignKey(HouseStyle, on_delete=models.PROTECT, null=True, related_name="+")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """No two letters of one number, and no two about the same thing."""

        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "year", "number"], name="letter_number"
            ),
            models.UniqueConstraint(
                fields=["contract", "kind", "subject_id", "reader"],
                condition=Q(subject_id__isnull=False),
                name="letter_once",
            ),
        )
        indexes = (models.Index(fields=["contract", "-dated"], name="letter_of_contract"),)

    @property
    def mark(self) -> str:
        """The number by which both sides name it, such as `SR-2026-0042`."""
        return mark_of(self.prefix, self.year, self.number)


class Paper(models.Model):
    """A letter as it was sent, in bytes; the database writes its hash and size."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="papers")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    media = models.CharField(max_length=4, choices=Media.choices)
    content = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One of each kind of file."""

        constraints = (
            models.UniqueConstraint(fields=["letter", "media"], name="paper_once"),
            models.CheckConstraint(condition=Q(media__in=Media.values), name="paper_media"),
        )
