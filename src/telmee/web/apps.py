"""The pages as one Django app, so that templates, static files and words have one home."""

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.urls import register_converter

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


def _prepare_all(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a connection keep the queries of all pages prepared (docs/decisions/0057)."""
    connection.connection.prepared_max = _PREPARED_MAX
