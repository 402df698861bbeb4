"""Addresses of contributions, files of them, and their proof."""

from django.urls import path

from telmee.web.contributions import (
    answering,
    copying,
    counterparty,
    drafts,
    entering,
    evidence,
    handing_in,
    line_pages,
    pasting,
    uploads,
)

urlpatterns = [
    path("inspanningen/leveranciers", line_pages.supplier_search, name="supplier-search"),
    path("inspanningen/invoeren", entering.enter, name="contribution-enter"),
    path("inspanningen/plakken", pasting.paste, name="contribution-paste"),
    path("inspanningen/geplakt/<id:upload_id>", pasting.pasted, name="contribution-pasted"),
    path("inspanningen/indienen", entering.hand_in_all, name="contribution-hand-in-all"),
    path("opdrachten/<id:contract_id>/inspanningen/nieuw", line_pages.new, name="contribution-new"),
    path("opdrachten/<id:contract_id>/inspanningen/kopie", copying.copy, name="contribution-copy"),
    path(
        "opdrachten/<id:contract_id>/inspanningen/concepten",
        drafts.drafts,
        name="contribution-drafts",
    ),
    path("indieningen/<id:handing_in_id>", handing_in.handing_in, name="handing-in"),
    path("inspanningen/<id:line_id>", line_pages.contribution, name="contribution"),
    path("inspanningen/<id:line_id>/wijzigen", line_pages.edit, name="contribution-edit"),
    path("inspanningen/<id:line_id>/indienen", line_pages.submit, name="contribution-submit"),
    path(
        "inspanningen/<id:line_id>/terugnemen", line_pages.take_back, name="contribution-take-back"
    ),
    path(
        "inspanningen/<id:line_id>/initiatief",
        line_pages.initiative,
        name="contribution-initiative",
    ),
    path("inspanningen/<id:line_id>/verwijderen", line_pages.remove, name="contribution-remove"),
    path("inspanningen/<id:line_id>/intrekken", line_pages.withdraw, name="contribution-withdraw"),
    path("inspanningen/<id:line_id>/bezwaar", line_pages.object_to, name="contribution-object"),
    path("opdrachten/<id:contract_id>/bestand", uploads.new, name="upload-new"),
    path("bestanden/<id:upload_id>", uploads.upload, name="upload"),
    path("inspanningen/<id:line_id>/bewijs", evidence.add, name="evidence-add"),
    path(
        "inspanningen/<id:line_id>/bewijs/<id:evidence_id>",
        evidence.download,
        name="evidence",
    ),
    path(
        "inspanningen/<id:line_id>/bewijs/<id:evidence_id>/verwijderen",
        evidence.remove,
        name="evidence-remove",
    ),
    path("inspanningen/<id:line_id>/gezien", evidence.see, name="sighting-add"),
    path("inspanningen/<id:line_id>/wederpartij", counterparty.ask, name="counterparty-ask"),
    path(
        "inspanningen/<id:line_id>/wederpartij/<id:link_id>/intrekken",
        counterparty.withdraw,
        name="counterparty-withdraw",
    ),
    path(
        "inspanningen/<id:line_id>/wederpartij/<id:answer_id>/bekeken",
        counterparty.reviewed,
        name="denial-review",
    ),
    path("werklijst/ontkend", counterparty.denied, name="queue-denied"),
    path("bevestiging/<str:token>", answering.arrive, name="counterparty-arrive"),
    path("bevestigen/<str:handle>", answering.answer, name="counterparty-answer"),
]
