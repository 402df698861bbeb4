"""How much somebody may send along with a request, and how long he may take."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., object])

#: Enough for every form that somebody fills in before he signs in.
VISITOR_BYTES_MAX = 64 * 1024
#: What a form adds around the file in it.
_FORM_BYTES = 64 * 1024


def sending_seconds() -> float:
    """How long a sender may take, for the head of a request and for what his bytes do not need."""
    return float(os.environ.get("TELMEE_SENDING_SECONDS", "10"))


def takes_file(view: View) -> View:
    """Mark a view to which a file is sent, so that the gate lets more through to it."""
    view.takes_file = True  # type: ignore[attr-defined]  # a mark, as Django's own decorators make
    return view


def bytes_max(path: str) -> int:
    """How many bytes of a body somebody who is signed in may send to an address."""
    try:
        view = resolve(path).func
    except Resolver404:
        return VISITOR_BYTES_MAX
    if getattr(view, "takes_file", False):
        return int(settings.UPLOAD_BYTES_MAX) + _FORM_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
