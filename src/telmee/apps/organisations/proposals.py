"""Telling an organisation that an operator proposed a manager for it, before he is approved."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.urls import reverse

from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.models import Invitation


def tell_of_proposal(proposal: Invitation) -> None:
    """Mail the managers, or everybody where there is none, each in his own language."""
    facts = {
        "organisation": proposal.organisation.name,
        "proposed": proposal.email,
        "proposed_by": str(proposal.invited_by),
        "expires_at": proposal.expires_at,
        "url": settings.SITE_URL + reverse("organisation", args=[proposal.organisation_id]),
    }
    about = About(organisation_id=proposal.organisation_id, invitation_id=proposal.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, language FROM telmee_told_of(%s)", [proposal.pk])
        readers = [Reader(user_id=row[0], language=row[1]) for row in cursor.fetchall()]
    for reader in readers:
        write_notice(
            "proposal",
            reader,
            event=f"invitation {proposal.pk}",
            facts=facts,
            about=about,
            until=proposal.expires_at,
        )
