"""Send a letter: look at it with its real facts first, then let its paper be made."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.enforcement.letters import ENFORCED_FACTS
from telmee.apps.letters.access import letter_for, sending_for
from telmee.apps.letters.actions import make_later, send_letter
from telmee.apps.letters.kinds import FACTS
from telmee.apps.letters.queries import papers_of, sent_about
from telmee.apps.letters.writing import example_of, language_for
from telmee.core.errors import DomainError
from telmee.integrations.typesetting import render_pdf
from telmee.web.contracts.frame import around
from telmee.web.form_pages import key_in, tell
from telmee.web.letters.letter_words import letter_name
from telmee.web.letters.letters import file_response
from telmee.web.middleware import TelmeeRequest


@login_required
def send(request: TelmeeRequest, pk: int, kind: str, subject_pk: int) -> HttpResponse:
    """Show a letter as it would be, and send it."""
    access = _sending(request, pk, kind)
    facts, reader_id = _facts(access, kind, subject_pk)
    if request.method == "POST":
        try:
            letter = send_letter(
                access,
                kind=kind,
                facts=facts,
                reader_id=reader_id,
                subject_id=subject_pk,
                key=key_in(request) or uuid4(),
                today=timezone.localdate(),
            )
        except DomainError as error:
            tell(request, error)
            return redirect("contract-letters", pk)
        messages.success(
            request, _("Letter %(mark)s is being made, and sent at once.") % {"mark": letter.mark}
        )
        return redirect("letter", pk, letter.pk)
    sent = sent_about(pk, kind, [subject_pk]).get(subject_pk)
    if sent is not None:
        return redirect("letter", pk, sent.pk)
    kind_word = letter_name(kind, facts.get("sanction"))
    context = around(access, "contract-letters", here=kind_word)
    today = timezone.localdate()
    context |= {
        "kind_word": kind_word,
        "text": example_of(access, kind=kind, facts=facts, reader_id=reader_id, today=today),
        "example_url": reverse(f"example-{kind}", args=[pk, subject_pk]),
        "key": uuid4(),
    }
    return render(request, "letters/send.html", context)


@login_required
@require_safe
def example(request: TelmeeRequest, pk: int, kind: str, subject_pk: int) -> HttpResponse:
    """A letter as it would look on paper, stamped as an example."""
    access = _sending(request, pk, kind)
    facts, reader_id = _facts(access, kind, subject_pk)
    today = timezone.localdate()
    text = example_of(access, kind=kind, facts=facts, reader_id=reader_id, today=today)
    return file_response(render_pdf("letter", text), f"{text['stamp'].lower()}.pdf")


@login_required
@require_POST
def again(request: TelmeeRequest, pk: int, letter_pk: int) -> HttpResponse:
    """Let the worker make the paper of a letter that has none yet."""
    access, letter = letter_for(request.acting, pk, letter_pk)
    if letter.organisation_id not in request.acting.working:
        raise Http404
    if not papers_of(letter):
        make_later(access, letter)
        messages.success(request, _("The letter is being made."))
    return redirect("letter", pk, letter_pk)


def _sending(request: TelmeeRequest, pk: int, kind: str) -> ContractAccess:
    """A contract for somebody who sends letters of a kind on it. Raises `Http404`."""
    access = contract_for(request.acting, pk)
    if sending_for(access, kind) is None:
        raise Http404
    return access


def _facts(access: ContractAccess, kind: str, subject_pk: int) -> tuple[dict[str, object], int]:
    """The facts and the reader of a letter of a kind that can be sent from here."""
    facts_of = {**FACTS, **ENFORCED_FACTS}[kind]
    _known, reader_id = facts_of(access, subject_pk, "nl")
    facts, _reader = facts_of(access, subject_pk, language_for(access, reader_id))
    return dict(facts), reader_id
