"""The addresses of contracts and everything about one contract."""

from django.urls import path

from telmee.web.contracts import (
    amending,
    booking,
    books,
    changing,
    expected,
    listing,
    lots,
    overview,
    parties,
    plan_agreeing,
    planning,
    registering,
    sections,
    shares,
    turnover,
    turnover_list,
    voiding,
)

_ONE = "opdrachten/<id:pk>"

urlpatterns = [
    path("omzet", turnover_list.turnovers, name="turnovers"),
    path("omzet/akkoord", turnover_list.agree, name="turnovers-agree"),
    path("omzet/bestand", turnover_list.sheet, name="turnover-sheet"),
    path("omzet/sjabloon", turnover_list.template, name="turnover-template"),
    path("opdrachten", listing.contracts, name="contracts"),
    path("opdrachten/nieuw", registering.new, name="contract-new"),
    path("opdrachten/percelen", lots.lots, name="contract-lots"),
    path("opdrachten/vervallen", voiding.voided, name="contracts-voided"),
    path("opdrachten/cpv", registering.cpv_search, name="cpv-search"),
    path("opdrachten/opdrachtnemers", registering.contractor_search, name="contractor-search"),
    path(_ONE, overview.overview, name="contract"),
    path(f"{_ONE}/verwacht", expected.expected, name="contract-expected"),
    path(f"{_ONE}/opgave", changing.obligation, name="contract-obligation"),
    path(f"{_ONE}/inspanningen", sections.contributions, name="contract-contributions"),
    path(f"{_ONE}/plan", planning.plan, name="contract-plan"),
    path(f"{_ONE}/plan/nieuw", planning.add, name="plan-line-new"),
    path(f"{_ONE}/plan/<id:line_pk>", planning.edit, name="plan-line"),
    path(f"{_ONE}/plan/<id:line_pk>/verwijderen", planning.remove, name="plan-line-remove"),
    path(f"{_ONE}/plan/versie/<id:version_pk>", plan_agreeing.version, name="plan-version"),
    path(f"{_ONE}/plan/versie/<id:version_pk>/antwoord", plan_agreeing.answer, name="plan-answer"),
    path(f"{_ONE}/plan/van/<id:party_pk>/voorstel", plan_agreeing.propose, name="plan-propose"),
    path(f"{_ONE}/boekingen", books.ledger, name="contract-ledger"),
    path(f"{_ONE}/boekingen/<id:entry_id>", books.entry, name="entry"),
    path(f"{_ONE}/boekingen/<id:entry_id>/terug", booking.take_back, name="take-back"),
    path(f"{_ONE}/boeken", booking.book, name="book"),
    path(f"{_ONE}/documenten", sections.documents, name="contract-documents"),
    path(f"{_ONE}/logboek", sections.journal, name="contract-journal"),
    path(f"{_ONE}/wie-ziet-dit", parties.people, name="contract-people"),
    path(f"{_ONE}/wie-ziet-dit/toevoegen", parties.add, name="party-add"),
    path(f"{_ONE}/wie-ziet-dit/<id:party_pk>/verwijderen", parties.remove, name="party-remove"),
    path(f"{_ONE}/verdeling", shares.shares, name="contract-shares"),
    path(f"{_ONE}/verdeling/<id:partner_pk>", shares.propose, name="share-propose"),
    path(f"{_ONE}/verdeling/antwoord/<id:version_pk>", shares.answer, name="share-answer"),
    path(f"{_ONE}/omzet", turnover.turnover, name="contract-turnover"),
    path(f"{_ONE}/omzet/<str:period>/voorstel", turnover.propose, name="turnover-propose"),
    path(f"{_ONE}/omzet/antwoord/<id:version_pk>", turnover.answer, name="turnover-answer"),
    path(
        f"{_ONE}/omzet/antwoord/<id:version_pk>/oneens", turnover.dispute, name="turnover-dispute"
    ),
    path(
        f"{_ONE}/omzet/antwoord/<id:version_pk>/beslissen", turnover.decide, name="turnover-decide"
    ),
    path(f"{_ONE}/wijzigen", changing.change, name="contract-change"),
    path(f"{_ONE}/wijziging", amending.amend_page, name="contract-amend"),
    path(f"{_ONE}/verloop", amending.history, name="contract-history"),
    path(f"{_ONE}/afsluiten", changing.close, name="contract-close"),
    path(f"{_ONE}/vervallen", voiding.void, name="contract-void"),
    path(f"{_ONE}/heropenen", changing.reopen, name="contract-reopen"),
]
