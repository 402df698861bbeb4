"""Read letters and house styles."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404

from telmee.apps.letters.choices import Media
from telmee.apps.letters.models import HouseStyle, Letter, Paper, Template


def house_of(organisation_id: int) -> HouseStyle | None:
    """The house style of an organisation as it is now, if it chose one."""
    styles = HouseStyle.objects.filter(organisation=organisation_id)
    return styles.order_by("-number").first()


def template_of(organisation_id: int, kind: str) -> Template | None:
    """An organisation's own template for a kind of letter, if it has one now."""
    templates = Template.objects.filter(organisation=organisation_id, kind=kind)
    latest = templates.order_by("-number").first()
    return None if latest is None or latest.content is None else latest


def papers_of(letter: Letter) -> list[Paper]:
    """The papers of a letter without their bytes: what each is, its size and its hash."""
    return list(letter.papers.defer("content").order_by("media"))


def sent_about(contract_id: int, kind: str, subject_ids: Iterable[int]) -> dict[int, Letter]:
    """The letters of a kind on a contract about several subjects, each by the id of its subject."""
    letters = Letter.objects.filter(
        contract=contract_id, kind=kind, subject_id__in=list(subject_ids)
    )
    return {letter.subject_id: letter for letter in letters if letter.subject_id is not None}


def content_of(letter: Letter, media: Media) -> bytes:
    """The bytes of a paper of a letter. Raises `Http404` where there is none (yet)."""
    paper = letter.papers.filter(media=media).first()
    if paper is None:
        raise Http404
    return bytes(paper.content)
