"""What an agreement is about, and what becomes of a version of it."""

from __future__ import annotations

from django.db.models import TextChoices


class Kind(TextChoices):
    """What is settled. What a version of a kind says stands in a table of its own (`models`)."""

    PLAN = "plan"
    TURNOVER = "turnover"
    SHARE = "share"
    POOLING = "pooling"
    SETTLEMENT = "settlement"


#: Kinds of which the word of whose it is counts until the two agree, and after that nothing but
#: what they agree: a contractor can promise something before anybody answers. They have drafts.
COUNTS_UNAGREED = frozenset((Kind.PLAN,))
#: Kinds that only their two sides see, whoever else sees the contract.
PRIVATE = frozenset((Kind.SHARE,))


class Outcome(TextChoices):
    """How a proposal ends: the other side confirms or disputes it, or who made it withdraws it."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


class Ending(TextChoices):
    """How a dispute ends, where no other proposal takes its place.

    The other side agrees after all, who proposed it withdraws it, or the client decides that its
    proposal holds, where the contract lets it.
    """

    CONFIRMED = "confirmed"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


#: What makes a version hold.
STANDING = ("confirmed", "decided")


class State(TextChoices):
    """What a version is now. It is written nowhere: it follows from the rows."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
