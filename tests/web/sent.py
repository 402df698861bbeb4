"""What is sent to pages that ask much: whole forms, as somebody fills them in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.world import World


def registration(world: World) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "client": world.cast.hilversum.pk,
        "kvk": world.cast.de_eem.kvk,
        "reference": "HIL-2026-9",
        "name": "Schilderwerk scholen",
        "form": "single",
        "category": "services",
        "start": "1-1-2026",
        "end": "31-12-2027",
        "value": "1.000.000,00",
        "scheme": "haaglanden-zhc-2023-07",
        "rules_client": "Den Haag",
        "owes": "agreed",
        "agreed": "50.000,00",
        "percentage_reason": "5% zoals in het bestek",
    }


def lots(world: World) -> dict[str, Any]:
    """Two lots of one tender, each as a contract of its own."""
    own = ("reference", "name", "kvk", "start", "end", "value", "agreed")
    told = registration(world)
    shared = {name: value for name, value in told.items() if name not in own}
    lots = {f"{name}-{number}": told[name] for name in own for number in (1, 2)}
    names = {"lot-1": "Noord", "lot-2": "Zuid"}
    return shared | lots | names | {"procurement": "T-1", "lots": "2", "register": "1"}


def sheet(world: World) -> SimpleUploadedFile:  # noqa: ARG001 - the shape of data
    return SimpleUploadedFile("omzet.csv", b"contract;periode;omzet\r\nOMZET;2024-K4;1.000,00\r\n")


def purchases() -> SimpleUploadedFile:
    """A list with one purchase of a day that no other list has."""
    head = b"leveranciersnaam;kvk;bedrag;soort;datum;kenmerk\r\n"
    row = b"Groen & Zo;;75.000,00;diensten;1-2-2026;P-1\r\n"
    return SimpleUploadedFile("inkopen.csv", head + row)


def copying(world: World) -> dict[str, Any]:
    """Choose every line that somebody of either organisation can copy."""
    return {"key": str(uuid4())} | {
        name.format(world.own[key]): value
        for key in ("submitted", "sub_submitted")
        for name, value in (
            ("kies-{}", "on"),
            ("begin-{}", "1-7-2025"),
            ("eind-{}", "31-12-2025"),
        )
    }
