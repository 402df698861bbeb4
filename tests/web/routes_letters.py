"""The addresses of letters, as `tests.web.routes` has them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.web.cases import (
    COLLEAGUE,
    DECIDES,
    HILVERSUM,
    MANAGER,
    NOBODY,
    PARTIES,
    SEES,
    SIGNED_IN,
    Case,
    said,
)

_SENT = {"pk": "contract", "letter_pk": "letter"}
_UNMADE = {"pk": "contract", "letter_pk": "letter_unmade"}
_ABOUT = {"pk": "contract", "subject_pk": "decision"}
_PLAN = {"pk": "contract", "subject_pk": "plan_version"}
_STEP = {"pk": "enforced", "subject_pk": "step"}
_TURNOVER = {"pk": "by_turnover", "subject_pk": "turnover_waiting"}
_LENIENCY = {"pk": "late", "subject_pk": "leniency"}
_SHARE = {"pk": "contract", "subject_pk": "share"}
_ASKED = {"pk": "contract", "subject_pk": "question"}

LETTERS: Mapping[str, tuple[Case, ...]] = {
    "letters": (Case(SIGNED_IN),),
    "contract-letters": (Case(PARTIES, None, {"pk": "contract"}),),
    "letter": (
        Case(SEES, None, _SENT),
        # Who reads it sees it once it has its paper.
        Case(DECIDES | {"reader"}, None, _UNMADE, others=COLLEAGUE),
    ),
    "letter-paper": (Case(SEES, None, _SENT), Case(NOBODY, None, _UNMADE, others=NOBODY)),
    "letter-again": (Case(None, HILVERSUM - {"reader"}, _UNMADE, said(), others=COLLEAGUE),),
    # No letter of the world was made in Word.
    "letter-word": (Case(NOBODY, None, _SENT, others=NOBODY),),
    "house-style": (
        Case(
            MANAGER,
            MANAGER,
            {"pk": "organisation"},
            said(colour="#154273", mark="SR"),
            others=COLLEAGUE,
        ),
    ),
    "house-style-preview": (
        Case(
            None,
            MANAGER,
            {"pk": "organisation"},
            said(colour="#154273"),
            does=NOBODY,
            others=COLLEAGUE,
        ),
    ),
    "letter-templates": (
        Case(
            MANAGER,
            MANAGER,
            {"pk": "organisation"},
            said(kind="regional", remove="on"),
            others=COLLEAGUE,
        ),
    ),
    "letter-template": (
        Case(MANAGER, None, {"pk": "organisation", "kind": "template"}, others=COLLEAGUE),
    ),
    "example-template": (Case(SIGNED_IN, None, {"kind": "template"}, others=SIGNED_IN),),
    "send-decision": (Case(DECIDES, DECIDES, _ABOUT, said(), others=COLLEAGUE),),
    "send-question": (Case(DECIDES, DECIDES, _ASKED, said(), others=COLLEAGUE),),
    "send-settlement": (
        Case(
            DECIDES,
            DECIDES,
            {"pk": "settled", "subject_pk": "settled_version"},
            said(),
            others=COLLEAGUE,
        ),
    ),
    "example-settlement": (
        Case(DECIDES, None, {"pk": "settled", "subject_pk": "settled_version"}, others=COLLEAGUE),
    ),
    # No step that counts was taken in the world.
    **{
        name: (Case(NOBODY, post, _STEP, said(), others=NOBODY),)
        for kind in ("reminder", "signal", "default", "penalty")
        for name, post in ((f"send-ladder_{kind}", NOBODY), (f"example-ladder_{kind}", None))
    },
    # Nothing of these was agreed in the world.
    "send-agreed_plan": (Case(NOBODY, NOBODY, _PLAN, said(), others=NOBODY),),
    "example-agreed_plan": (Case(NOBODY, None, _PLAN, others=NOBODY),),
    "send-agreed_turnover": (Case(NOBODY, NOBODY, _TURNOVER, said(), others=NOBODY),),
    "example-agreed_turnover": (Case(NOBODY, None, _TURNOVER, others=NOBODY),),
    "send-agreed_share": (Case(NOBODY, NOBODY, _SHARE, said(), others=NOBODY),),
    "example-agreed_share": (Case(NOBODY, None, _SHARE, others=NOBODY),),
    "send-ladder_leniency": (Case(DECIDES, DECIDES, _LENIENCY, said(), others=COLLEAGUE),),
    "example-ladder_leniency": (Case(DECIDES, None, _LENIENCY, others=COLLEAGUE),),
    "example-decision": (Case(DECIDES, None, _ABOUT, others=COLLEAGUE),),
    "example-question": (Case(DECIDES, None, _ASKED, others=COLLEAGUE),),
}
