"""The addresses of trust and samples."""

from django.urls import path

from telmee.web.trust import reviewing, rules, samples

_SAMPLE = "vertrouwen/steekproeven/<id:pk>"

urlpatterns = [
    path("vertrouwen", rules.trust, name="trust"),
    path("vertrouwen/regels/<id:pk>", rules.rule, name="trust-rule"),
    path("vertrouwen/regels/<id:pk>/gewogen", rules.weighed, name="trust-weighed"),
    path("vertrouwen/onderbrekingen/<id:pk>/opheffen", rules.lift, name="trust-lift"),
    path("vertrouwen/steekproeven", samples.samples, name="samples"),
    path("vertrouwen/steekproeven/nieuw", samples.draw, name="sample-draw"),
    path(_SAMPLE, samples.sample, name="sample"),
    path(f"{_SAMPLE}/bestand", samples.file, name="sample-file"),
    path(f"{_SAMPLE}/inspanning/<id:line_id>", reviewing.review, name="sample-review"),
]
