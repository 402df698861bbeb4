"""The process that reads one file: bound to its limits, it runs one function and answers in JSON.

Started by `parent`, never imported by it. It knows no Django, no database and no secret: its
environment is empty but for where programs stand.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from telmee.core.errors import DomainError
from telmee.integrations.apart.limits import Limits, bind_this_process
from telmee.integrations.apart.plain import plain_problem


def main(name: str, path: str, given: str, limits: str) -> None:
    """Run the function of this name on a file, and write what came of it.

    A module may have a `begin`, for what a library can only do before the limits hold, such as
    starting its threads. The blank line says that the process stands and reads; an answer that does
    not follow, or that breaks off, says that the file was too much for it.
    """
    module, _, function = name.partition(":")
    place = import_module(module)
    run = getattr(place, function)
    begin: Callable[[], None] = getattr(place, "begin", lambda: None)
    begin()
    answers = os.dup(sys.stdout.fileno())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):  # a library may print what is in the file
        os.dup2(nowhere, stream.fileno())
    bind_this_process(Limits(**json.loads(limits)))
    os.write(answers, b"\n")
    try:
        answer = json.dumps(_answer(run, Path(path), json.loads(given))).encode()
        with os.fdopen(answers, "wb") as out:
            out.write(answer)
    except MemoryError:
        os._exit(1)
    os._exit(0)  # what is left to tidy is the kernel's, and quicker


def _answer(run: Callable[..., object], path: Path, given: list[Any]) -> dict[str, Any]:
    try:
        return {"result": run(path, *given)}
    except DomainError as error:
        return {"problems": list(map(plain_problem, error.problems))}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a library raises on a file made for it
        # Where and what, without the text of the error: that may hold what is in the file.
        places = traceback.extract_tb(error.__traceback__)
        return {"fault": " < ".join([type(error).__name__, *map(_place, reversed(places))])}


def _place(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno}"
