"""The addresses of trust and samples."""

from django.urls import path

from telmee.web.trust import reviewing, samples

_SAMPLE = "vertrouwen/steekproeven/<id:pk>"

urlpatterns = [
    path("vertrouwen/steekproeven", samples.samples, name="samples"),
    path("vertrouwen/steekproeven/nieuw", samples.draw, name="sample-draw"),
    path(_SAMPLE, samples.sample, name="sample"),
    path(f"{_SAMPLE}/bestand", samples.file, name="sample-file"),
    path(f"{_SAMPLE}/inspanning/<id:line_id>", reviewing.review, name="sample-review"),
]
