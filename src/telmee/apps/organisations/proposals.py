"""Telling an organisation that an operator proposed a manager for it, before he is approved."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from telmee.apps.organisations.models import Invitation


def tell_of_proposal(proposal: Invitation) -> None:
    """Mail the managers, or everybody where there is none, each in his own language."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, language FROM telmee_told_of(%s)", [proposal.pk])
        for email, language in cursor.fetchall():
            _mail(proposal, email, language)


def _mail(proposal: Invitation, to: str, language: str) -> None:
    facts = {
        "organisation": proposal.organisation,
        "proposed": proposal.email,
        "proposed_by": proposal.invited_by,
        "expires_at": proposal.expires_at,
        "url": settings.SITE_URL + reverse("organisation", args=[proposal.organisation_id]),
    }
    with translation.override(language):
        subject = render_to_string("organisations/mail/proposal_subject.txt", facts)
        text = render_to_string("organisations/mail/proposal.txt", facts)
    transaction.on_commit(
        lambda: send_mail(" ".join(subject.split()), text, None, [to]), robust=True
    )
