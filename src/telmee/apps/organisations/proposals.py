"""Telling an organisation that an operator proposed a manager for it, before he is approved."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.urls import reverse

from telmee.apps.organisations.mail import send_when_it_stands, written
from telmee.apps.organisations.models import Invitation


def tell_of_proposal(proposal: Invitation) -> None:
    """Mail the managers, or everybody where there is none, each in his own language."""
    facts = {
        "organisation": proposal.organisation,
        "proposed": proposal.email,
        "proposed_by": proposal.invited_by,
        "expires_at": proposal.expires_at,
        "url": settings.SITE_URL + reverse("organisation", args=[proposal.organisation_id]),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, language FROM telmee_told_of(%s)", [proposal.pk])
        readers = cursor.fetchall()
    for email, language in readers:
        send_when_it_stands(written("organisations/mail/proposal", facts, email, language))
