"""The web interface as a Django app: templates, template tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Give the interface the label under which Django finds its template tags."""

    name = "telmee.web"
    label = "web"
