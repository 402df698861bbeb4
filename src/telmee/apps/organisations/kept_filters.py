"""Filters of lists that somebody keeps under a name, for himself alone."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import KeptFilter
from telmee.apps.organisations.prepared import prepared
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import FILTER, QUERY, require_none

#: More than this nobody finds back.
_MOST = 50


def kept_filters(acting: Acting, *pages: str) -> list[KeptFilter]:
    """What somebody keeps of these lists, by name."""
    return [kept for kept in _kept_by(acting.user_id or 0) if kept.page in pages]


@prepared
def _kept_by(user_id: int) -> QuerySet[KeptFilter]:
    return KeptFilter.objects.filter(user_id=user_id).order_by("page", "name", "pk")


def _his(acting: Acting) -> QuerySet[KeptFilter]:
    return KeptFilter.objects.filter(user_id=acting.user_id or 0)


def keep_filter(acting: Acting, *, page: str, name: str, query: str) -> None:
    """Keep how a list is filtered; the same name again stands for the later filter.

    Raises `text_too_long`, `text_not_printable`, and `too_many_filters`.
    """
    require_none([*FILTER.problems("name", name), *QUERY.problems("query", query)])
    his = _his(acting)
    if his.count() >= _MOST and not his.filter(page=page, name=name).exists():
        raise DomainError(Problem("too_many_filters", "name", params={"maximum": _MOST}))
    his.update_or_create(
        user_id=acting.user_id or 0, page=page, name=name, defaults={"query": query}
    )


def drop_filter(acting: Acting, filter_id: int) -> str:
    """Keep a filter no longer; gives the name of its list. Raises `Http404`."""
    row = _his(acting).filter(pk=filter_id).first()
    if row is None:
        raise Http404
    row.delete()
    return row.page
