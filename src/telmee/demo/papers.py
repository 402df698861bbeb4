"""Proof and files in the demonstration: made here, small, and about nobody."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings

from telmee.apps.contributions.choices import State, UploadStatus
from telmee.apps.contributions.kept_problems import ListedProblem, as_document
from telmee.core.errors import Problem
from telmee.core.tables.contribution_columns import BLOCK, WEEKLY_HOURS
from telmee.core.valuation.asks import SEEN_NOT_KEPT
from telmee.demo.lines import Handed
from telmee.demo.people import Region, moment
from telmee.demo.tables import Tables, as_json, copy
from telmee.integrations.files.private import store

_FILES_MAX = 40
_KIND_MAX = 300
_UNREADABLE = b"PK\x03\x04 dit is geen werkmap"


class Papers:
    """Adds proof to lines that were handed in, and files that were read."""

    def __init__(self, tables: Tables, region: Region, day: date, rng: Random) -> None:
        self._tables, self._region, self._day, self._rng = tables, region, day, rng
        self._files = 0

    def add(self, handed: list[Handed]) -> None:
        """Add a file to some, and write of others that their proof was seen."""
        for line in handed:
            if line.block.category in SEEN_NOT_KEPT:
                if line.state in (State.PARTLY, State.ACCEPTED, State.ADJUSTED):
                    self._seen(line)
            elif self._files < _FILES_MAX:
                self._files += 1
                self._file(line)

    def _seen(self, line: Handed) -> None:
        when = moment(line.handed_in + timedelta(days=1), self._rng)
        self._tables.sightings.add(
            contribution_id=line.id,
            contract_id=line.contract_id,
            organisation_id=line.deciding_id,
            kind=_kind(line) or "Doelgroepverklaring",
            seen_on=when.date(),
            seen_by_id=line.adviser_id,
            created_at=when,
        )

    def _file(self, line: Handed) -> None:
        picture = self._files % 4 == 0
        content = png(self._files) if picture else pdf(f"Factuur bij inspanning {line.reference}")
        stored = store(settings.EVIDENCE_FOLDER, [content])
        when = moment(line.handed_in, self._rng)
        number = self._tables.evidence.add(
            contribution_id=line.id,
            contract_id=line.contract_id,
            organisation_id=line.organisation_id,
            number=1,
            kind=_kind(line),
            media_type="image/png" if picture else "application/pdf",
            is_searched=not picture,
            waits_for_search=False,
            size=stored.size,
            sha256=stored.sha256,
            stored_as=stored.name,
            added_by_id=line.user_id,
            added_at=when,
        )
        self._tables.events.add(
            at=when,
            user_id=line.user_id,
            organisation_id=line.organisation_id,
            verb="contribution.evidence_added",
            kind="contribution",
            object_id=line.id,
            contract_id=line.contract_id,
            details=as_json({"evidence": number, "sha256": stored.sha256}),
        )

    def upload(self, handed: list[Handed], cursor: Any) -> None:
        """Leave a file that was read in part, and one that could not be read."""
        first = handed[0]
        own = [line for line in handed if line.contract_id == first.contract_id][:6]
        refused = [
            Problem("missing_weekly_hours", WEEKLY_HOURS, 9),
            Problem("unknown_block", BLOCK, 11, {"block": "pw_oud", "known": "pw, ww, bbl"}),
        ]
        number = self._upload(
            first,
            "inzet-derde-kwartaal.csv",
            _sheet(own),
            status=str(UploadStatus.DONE),
            added=len(own),
            known=1,
            refused=as_json(
                [
                    as_document(ListedProblem(problem, place))
                    for problem, place in zip(refused, "EB", strict=True)
                ]
            ),
        )
        unreadable = Problem("file_unreadable", params={"file": "inzet-kopie.xlsx"})
        self._upload(
            first,
            "inzet-kopie.xlsx",
            _UNREADABLE,
            status=str(UploadStatus.UNREADABLE),
            refused=as_json([as_document(ListedProblem(unreadable))]),
        )
        copy(cursor, self._tables.take())
        cursor.execute(
            "UPDATE contributions_contribution SET upload_id = %s WHERE id = ANY(%s)",
            [number, [line.id for line in own]],
        )

    def _upload(self, line: Handed, name: str, content: bytes, **more: object) -> int:
        stored = store(settings.UPLOAD_FOLDER, [content])
        when = moment(self._day - timedelta(days=3), self._rng)
        return self._tables.uploads.add(
            contract_id=line.contract_id,
            organisation_id=line.organisation_id,
            user_id=line.user_id,
            file_name=name,
            sha256=stored.sha256,
            stored_as=stored.name,
            created_at=when,
            read_at=when + timedelta(seconds=4),
            **more,
        )


def pdf(title: str) -> bytes:
    """Make a document of one page with one line of text."""
    text = f"BT /F1 18 Tf 60 760 Td ({title}, verzonnen voor de demonstratie) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    page, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(page))
        page += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n%b" % table
    return page + head + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(page)


def png(shade: int) -> bytes:
    """Make a picture of one colour."""
    row = b"\0" + bytes((80 + shade % 120, 140, 160)) * 160
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 160, 120, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 120)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunks(parts))


def _chunks(parts: tuple[tuple[bytes, bytes], ...]) -> Iterator[bytes]:
    for name, data in parts:
        yield struct.pack(">I", len(data)) + name + data
        yield struct.pack(">I", zlib.crc32(name + data))


def _kind(line: Handed) -> str:
    """The first kind of proof that the scheme asks for with this line; empty when it asks none."""
    return line.block.evidence[0].nl[:_KIND_MAX] if line.block.evidence else ""


def _sheet(lines: list[Handed]) -> bytes:
    rows = ["kenmerk;bouwblok", *(f"{line.reference};{line.block.key}" for line in lines)]
    return "\n".join(rows).encode()
