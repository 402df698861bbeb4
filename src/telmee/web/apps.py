"""The pages as one Django app, so that templates, static files and words have one home."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.urls import register_converter
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult

from telmee.web.addresses import DatabaseId, LinkToken

#: So many queries the pages ask between them. With the driver's hundred, those of one page push out
#: those of another; with all of them a connection takes ten megabytes more.
_PREPARED_MAX = 400


class WebConfig(AppConfig):
    """The app "web"."""

    name = "telmee.web"
    label = "web"

    def ready(self) -> None:
        """Let addresses ask for ids that a row can have, and for the secret of a link."""
        register_converter(DatabaseId, "id")
        register_converter(LinkToken, "secret")
        connection_created.connect(_prepare_all)


class _Remembered(PrepareManager):
    """The prepared queries of a connection, which stay when something is undone.

    The driver forgets all of them then, also when it goes back to a savepoint: what was undone may
    have made a table that one of them asks. Pages make none, and go back whenever a form is
    refused: the next page would be planned anew.
    """

    def _should_discard(self, prep: Prepare, results: Sequence[PGresult], *_: Any) -> bool:
        """Whether to forget them all: not for what only undoes."""
        others = [one for one in results if one.command_status != b"ROLLBACK"]
        return super()._should_discard(prep, others)


def _prepare_all(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a connection keep the queries of all pages prepared (docs/decisions/0057)."""
    remembered = _Remembered()
    remembered.prepare_threshold = connection.connection.prepare_threshold
    remembered.prepared_max = _PREPARED_MAX
    connection.connection._prepared = remembered  # noqa: SLF001 - it has no other door
