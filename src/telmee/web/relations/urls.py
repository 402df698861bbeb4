"""The addresses of keeping in touch, of tasks, and of who looks after what."""

from django.urls import path

from telmee.web.relations import (
    absences,
    contacts,
    conversations,
    handing_over,
    messages,
    reporting,
    team_tasks,
    timeline,
)

_ONE = "opdrachten/<id:pk>"

urlpatterns = [
    path(f"{_ONE}/contact", contacts.contact, name="contract-contact"),
    path(f"{_ONE}/berichten", messages.of_contract, name="contract-messages"),
    path(f"{_ONE}/berichten/gelezen", messages.read, name="messages-read"),
    path("inspanningen/<id:line_id>/bericht", messages.on_line, name="line-message"),
    path("berichten/<id:pk>/intrekken", messages.withdraw, name="message-withdraw"),
    path(f"{_ONE}/tijdlijn", timeline.contract_timeline, name="contract-timeline"),
    path(f"{_ONE}/contact/persoon", contacts.add, name="contact-new"),
    path(f"{_ONE}/contact/gesprek", conversations.write, name="conversation-new"),
    path(f"{_ONE}/niets-te-melden", reporting.say_nothing, name="nothing-to-report"),
    path(f"{_ONE}/contact/taak", team_tasks.add_on_contract, name="contract-task-new"),
    path("contactpersonen/<id:pk>", contacts.change, name="contact-change"),
    path("contactpersonen/<id:pk>/verwijderen", contacts.remove, name="contact-remove"),
    path("gesprekken/<id:pk>/verbeteren", conversations.correct, name="conversation-correct"),
    path("taken", team_tasks.tasks, name="tasks"),
    path("taken/nieuw", team_tasks.add, name="task-new"),
    path("taken/<id:pk>", team_tasks.change, name="task-change"),
    path("taken/<id:pk>/gedaan", team_tasks.finish, name="task-finish"),
    path("overdragen", handing_over.move, name="hand-over"),
    path("afwezigheid", absences.absences, name="absences"),
    path("afwezigheid/<id:pk>/beeindigen", absences.end, name="absence-end"),
    path("organisaties/<id:pk>/contact", absences.terms, name="contact-terms"),
]
