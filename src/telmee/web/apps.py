"""The pages as one Django app, so that templates, static files and words have one home."""

from django.apps import AppConfig
from django.urls import register_converter

from telmee.web.addresses import DatabaseId, LinkToken


class WebConfig(AppConfig):
    """The app "web"."""

    name = "telmee.web"
    label = "web"

    def ready(self) -> None:
        """Let addresses ask for ids that a row can have, and for the secret of a link."""
        register_converter(DatabaseId, "id")
        register_converter(LinkToken, "secret")
