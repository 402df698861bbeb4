"""The addresses of enforcement."""

from django.urls import path

from telmee.web.enforcement import contract_page, deciding, settings, worklist

_CONTRACT = "opdrachten/<id:pk>/handhaving"
_STEP = f"{_CONTRACT}/stappen/<id:step_id>"

urlpatterns = [
    path("handhaving", worklist.worklist, name="enforcement"),
    path("handhaving/samen", worklist.together, name="ladder-together"),
    path("handhaving/ladders/<id:pk>", settings.ladder_settings, name="ladder-settings"),
    path("handhaving/ladders/<id:pk>/coulance", settings.lenient_to_all, name="leniency-to-all"),
    path("handhaving/coulance/<id:pk>/stoppen", deciding.end, name="leniency-end"),
    path(_CONTRACT, contract_page.ladder, name="contract-enforcement"),
    path(f"{_CONTRACT}/stap", deciding.take, name="ladder-take"),
    path(f"{_CONTRACT}/coulance", deciding.lenient, name="leniency"),
    path(f"{_STEP}/tweede", deciding.second, name="ladder-second"),
    path(f"{_STEP}/intrekken", deciding.withdraw, name="ladder-withdraw"),
    path(f"{_STEP}/opnieuw-bekijken", deciding.look, name="ladder-look"),
]
