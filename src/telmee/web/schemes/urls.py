"""The addresses of the scheme pages; none of them asks who is there."""

from django.urls import path, register_converter

from telmee.web.schemes import views


class SchemeIdConverter:
    """The id of a scheme: what could be no file name cannot be asked for either."""

    regex = r"[a-z0-9][a-z0-9.-]{0,99}"

    def to_python(self, value: str) -> str:
        """Take the id as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """The id as it stands: `regex` lets no sign in that an address would have to encode."""
        return value


register_converter(SchemeIdConverter, "scheme")

urlpatterns = [
    path("regelingen", views.schemes, name="schemes"),
    path("regelingen/vergelijken", views.compare, name="scheme-compare"),
    path("regelingen/<scheme:scheme_id>", views.scheme_page, name="scheme"),
    path("regelingen/<scheme:scheme_id>/rekenen", views.calculator, name="scheme-calculator"),
    path("regelingen/<scheme:scheme_id>/verplichting", views.obligation, name="scheme-obligation"),
    path("regelingen/<scheme:scheme_id>/sjabloon.xlsx", views.template, name="scheme-template"),
]
