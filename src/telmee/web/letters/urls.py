"""The addresses of letters."""

from collections.abc import Mapping

from django.urls import path

from telmee.web.letters import house_style, letters, sending, templates

_LETTERS = "opdrachten/<id:pk>/brieven"
_TEMPLATES = "organisaties/<id:pk>/briefsjablonen"
#: What a kind of letter that can be sent from here is called in its address.
_KINDS: Mapping[str, str] = {
    "decision": "besluit",
    "question": "vraag",
    "agreed_plan": "plan",
    "agreed_turnover": "omzet",
    "agreed_share": "verdeling",
    "settlement": "eindafrekening",
    "ladder_reminder": "herinnering",
    "ladder_signal": "signaal",
    "ladder_default": "ingebrekestelling",
    "ladder_penalty": "sanctie",
    "ladder_leniency": "coulance",
}

urlpatterns = [
    path("brieven", letters.letters, name="letters"),
    path("organisaties/<id:pk>/huisstijl", house_style.house_style, name="house-style"),
    path(
        "organisaties/<id:pk>/huisstijl/voorbeeld", house_style.preview, name="house-style-preview"
    ),
    path(_TEMPLATES, templates.templates, name="letter-templates"),
    path(f"{_TEMPLATES}/<slug:kind>", templates.kept, name="letter-template"),
    path("briefsjablonen/<slug:kind>/voorbeeld", templates.example, name="example-template"),
    path(_LETTERS, letters.on_contract, name="contract-letters"),
    path(f"{_LETTERS}/<id:letter_pk>", letters.letter, name="letter"),
    path(f"{_LETTERS}/<id:letter_pk>/pdf", letters.paper, name="letter-paper"),
    path(f"{_LETTERS}/<id:letter_pk>/word", letters.word, name="letter-word"),
    path(f"{_LETTERS}/<id:letter_pk>/opnieuw", sending.again, name="letter-again"),
    *(
        path(
            f"{_LETTERS}/{word}/<id:subject_pk>", sending.send, {"kind": kind}, name=f"send-{kind}"
        )
        for kind, word in _KINDS.items()
    ),
    *(
        path(
            f"{_LETTERS}/{word}/<id:subject_pk>/voorbeeld",
            sending.example,
            {"kind": kind},
            name=f"example-{kind}",
        )
        for kind, word in _KINDS.items()
    ),
]
