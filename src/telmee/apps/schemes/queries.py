"""Read published schemes: always from the database, never from the folder.

A version never changes once it was published, so what was parsed is kept for the life of the
process, by the hash of its text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When

from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.models import OVER_TURNOVER, SchemeVersion
from telmee.core.errors import DomainError, Problem
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import UNDATED, in_force, name_of, newest
from telmee.integrations.scheme_files import (
    Published,
    load_scheme_text,
    published_of,
    successor_among,
)

#: Parsing takes some ten milliseconds; the versions that were ever published are a few hundred.
_PARSED: dict[str, Scheme] = {}


def versions() -> QuerySet[SchemeVersion]:
    """List every published version, without its text."""
    return SchemeVersion.objects.defer("document").order_by("scheme_id", "version")


def over_turnover() -> QuerySet[SchemeVersion]:
    """The versions of which the text has a percentage of turnover, for whatever contract."""
    return SchemeVersion.objects.filter(OVER_TURNOVER)


def families() -> dict[str, list[SchemeVersion]]:
    """The published versions by the name of their family, oldest first."""
    by_family: dict[str, list[SchemeVersion]] = {}
    for row in sorted(versions(), key=_age):
        by_family.setdefault(row.family, []).append(row)
    return by_family


def named_versions() -> dict[str, SchemeVersion]:
    """Every published version by its name: the id of its scheme for the newest of that scheme.

    An older one has its version behind its id, as in `utrecht@2023-01-01`.
    """
    rows = sorted(versions(), key=_age)
    newest_of = {row.scheme_id: row for row in rows}
    by_name = {
        row.scheme_id if row is newest_of[row.scheme_id] else f"{row.scheme_id}@{row.version}": row
        for row in rows
    }
    return dict(sorted(by_name.items()))


def family_of(scheme_id: str) -> list[SchemeVersion]:
    """The versions of the family that a scheme belongs to, oldest first."""
    family = SchemeVersion.objects.filter(scheme_id=scheme_id).values("family")[:1]
    return sorted(versions().filter(family=family), key=_age)


def scheme_of(version_id: int) -> Scheme:
    """The rules of a published version of which the id is known. Runs a query each time."""
    return schemes_of([version_id])[version_id]


def rules_of(version: SchemeVersion) -> Scheme:
    """The rules of a version whose row is at hand, such as that of a contract.

    Runs no query, but for a text that this process never met (two).
    """
    if version.sha256 not in _PARSED:
        _parse(SchemeVersion.objects.filter(pk=version.pk))
    return _PARSED[version.sha256]


def schemes_of(version_ids: Iterable[int]) -> dict[int, Scheme]:
    """The rules of several published versions by id, with one query, or three for new texts."""
    ids = list(version_ids)
    hashes = dict(_hashes(ids)) if ids else {}
    if unread := {*hashes.values()} - _PARSED.keys():
        _parse(SchemeVersion.objects.filter(sha256__in=unread))
    return {pk: _PARSED[sha256] for pk, sha256 in hashes.items()}


@prepared
def _hashes(version_ids: Collection[int]) -> QuerySet[SchemeVersion, tuple[int, str]]:
    return SchemeVersion.objects.filter(pk__in=listed(version_ids)).values_list("pk", "sha256")


def version_ids(hashes: Iterable[str]) -> dict[str, int]:
    """The ids of published versions by the hash of their text; an unknown hash is left out."""
    rows = SchemeVersion.objects.filter(sha256__in=set(hashes))
    return dict(rows.values_list("sha256", "pk"))


def _parse(rows: QuerySet[SchemeVersion]) -> None:
    """Read texts, each with what comes after it: publishing more asks for a new process anyway."""
    published = list(_published())
    for row in rows:
        scheme = load_scheme_text(row.document, row.version)
        following = successor_among(scheme, published)
        _PARSED[row.sha256] = replace(scheme, successor=following)


def _published() -> Iterator[Published]:
    """Every version as others have to know it, with one query.

    The text comes along only where it says that it follows another family.
    """
    follows = When(document__contains="follows_from", then=F("document"))
    rows = SchemeVersion.objects.annotate(
        text=Case(follows, default=Value(""), output_field=TextField())
    )
    columns = ("scheme_id", "version", "family", "text")
    for scheme_id, version, family, text in rows.values_list(*columns):
        yield replace(published_of(scheme_id, version, text), family=family)


def version_named(scheme_id: str, version: str | None = None) -> SchemeVersion:
    """A published version by the id of its scheme: the one named, else the newest.

    Raises `DomainError` `unknown_scheme` or `unknown_version`.
    """
    rows = {row.version: row for row in versions().filter(scheme_id=scheme_id)}
    if not rows:
        ids = list(SchemeVersion.objects.values_list("scheme_id", flat=True).distinct())
        close = ", ".join(get_close_matches(scheme_id[:100], ids, n=3) or sorted(ids))
        params = {"scheme": scheme_id[:100], "close": close}
        raise DomainError(Problem("unknown_scheme", params=params))
    chosen = version or newest(rows) or UNDATED
    if chosen not in rows:
        params = {"scheme": scheme_id, "version": chosen[:20], "versions": ", ".join(rows)}
        raise DomainError(Problem("unknown_version", params=params))
    return rows[chosen]


def version_for(name: str, on: date) -> SchemeVersion:
    """The version that holds for a contract whose own date is `on`.

    `name` is the id of a scheme or of a family; the whole family takes part. Where nothing in it
    is dated, the scheme that was named holds, or else the one with the last id. Raises
    `DomainError` `no_version_in_force`, or `unknown_scheme`.
    """
    family = SchemeVersion.objects.filter(Q(scheme_id=name) | Q(family=name)).values("family")[:1]
    rows = sorted(versions().filter(family=family), key=lambda row: row.scheme_id, reverse=True)
    if not rows:
        return version_named(name)
    rows.sort(key=lambda row: row.scheme_id != name)
    schemes = schemes_of(row.pk for row in rows)
    chosen = in_force((schemes[row.pk] for row in rows), on)
    return next(row for row in rows if schemes[row.pk] is chosen)


def _age(row: SchemeVersion) -> tuple[str, int, str]:
    return *name_of(row.version), row.scheme_id
