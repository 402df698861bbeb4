"""Publish schemes: from the folder into the database, once and for good."""

from __future__ import annotations

from django.db import transaction

from telmee.apps.schemes.models import SchemeVersion
from telmee.core.errors import DomainError, Problem
from telmee.core.schemes.model import Scheme
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_text, scheme_versions


def publish_schemes() -> int:
    """Publish every version that is not there yet; gives how many that were.

    Runs as owner, when the system is set up: the application's role may only read. Contracts lean
    on what was published, so a version never changes. Raises `DomainError` with
    `published_scheme_differs` for each file that did, and then publishes nothing.
    """
    schemes = [
        load_scheme(name, version) for name in scheme_ids() for version in scheme_versions(name)
    ]
    with transaction.atomic():
        published = {
            (scheme_id, version): sha256
            for scheme_id, version, sha256 in SchemeVersion.objects.values_list(
                "scheme_id", "version", "sha256"
            )
        }
        if changed := [s for s in schemes if published.get(_key(s), s.sha256) != s.sha256]:
            raise DomainError(map(_differs, changed))
        new = [_row(scheme) for scheme in schemes if _key(scheme) not in published]
        SchemeVersion.objects.bulk_create(new)
    return len(new)


def _key(scheme: Scheme) -> tuple[str, str]:
    return scheme.id, scheme.version


def _differs(scheme: Scheme) -> Problem:
    params = {"scheme": scheme.id, "version": scheme.version}
    return Problem("published_scheme_differs", params=params)


def _row(scheme: Scheme) -> SchemeVersion:
    return SchemeVersion(
        scheme_id=scheme.id,
        version=scheme.version,
        family=scheme.family,
        sha256=scheme.sha256,
        document=scheme_text(scheme.id, scheme.version),
        publisher=scheme.publisher,
        title=scheme.title.nl,
        has_amounts=scheme.has_amounts,
        valid_from=scheme.valid_from,
    )
