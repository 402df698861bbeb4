"""The addresses of deciding."""

from django.urls import path

from telmee.web.decisions import decided, objections, queue, reopening, touched, views

urlpatterns = [
    path("werklijst", queue.queue, name="queue"),
    path("werklijst/accepteren", queue.accept, name="queue-accept"),
    path("werklijst/geraakt", touched.touched, name="queue-touched"),
    path("inspanningen/<id:pk>/besluit-blijft", touched.keep, name="touched-keep"),
    path("werklijst/terugdraaien", queue.undo, name="queue-undo"),
    path("inspanningen/<id:pk>/beslissen", views.decide, name="decide"),
    path("inspanningen/<id:pk>/beslissen/waarde", views.new_value, name="decide-value"),
    path("besluiten", decided.decided, name="decided"),
    path("bezwaren", objections.listed, name="objections"),
    path("inspanningen/<id:pk>/bezwaar/ongegrond", objections.dismiss, name="objection-dismiss"),
    path("inspanningen/<id:pk>/bezwaar/verlengen", objections.extend, name="objection-extend"),
    path("inspanningen/<id:pk>/heropenen", reopening.reopen, name="reopen"),
]
