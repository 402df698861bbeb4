"""A web server that is killed while it answers leaves nothing, or all of it.

Each try sends a form to a process of its own, which is killed (`SIGKILL`) at a step: before one of
its statements, or around its commit. What it left is then looked at as owner, and the same form is
sent once more, as people do.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings

from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import invite
from telmee.apps.organisations.choices import Role
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.journeys.serving import url_of
from tests.mailing import mailed
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.registering import hand_in, register
from tests.settling import proposed

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
#: How many steps are tried at most, spread over the request; its last ones always.
_TRIES_MAX, _LAST = 14, 6
_BOUNDARY = "what-stands-between"
_TOKEN = "x" * 32
Ask = Callable[..., list[tuple[Any, ...]]]
#: What a try left: how many rows of each kind.
Left = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Killable:
    """A server that answers each request in a process of its own, and somebody's session."""

    process: subprocess.Popen[str]
    port: int
    session: str

    def answer(self, path: str, body: bytes = b"", kind: str = "", die_at: int = 0) -> bytes:
        """Send a request and give its whole answer; nothing, when it dies at a step."""
        method = "POST" if body else "GET"
        head = (
            f"{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nX-Die-At: {die_at}\r\n"
            f"Cookie: sessionid={self.session}; csrftoken={_TOKEN}\r\n\r\n"
        )
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE_SECONDS
        ) as connection:
            connection.sendall(head.encode() + body)
            with connection.makefile("rb") as file:
                return file.read()


@pytest.fixture
def serve(
    server: Server, own_database: str, cast: Cast, browse: Any
) -> Iterator[Callable[..., Killable]]:
    """Start a killable server with somebody's session, warm from a first page."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "DATABASE_URL": url_of(server.app_url, own_database),
        "PYTHONPATH": "src",
    }

    def start(part: str, path: str) -> Killable:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("killable_server.py"))],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        port = int(process.stdout.readline())
        session = browse(getattr(cast, part)).cookies["sessionid"].value
        killable = Killable(process, port, session)
        assert b" 200 " in killable.answer(path).split(b"\r\n")[0]
        return killable

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def form(**values: object) -> tuple[bytes, str]:
    """Write a form as a browser sends it."""
    sent = urlencode({"csrfmiddlewaretoken": _TOKEN, **values})
    return sent.encode(), "application/x-www-form-urlencoded"


def file_form(content: str) -> tuple[bytes, str]:
    """Write a form with a file as a browser sends it."""
    part = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{{}}"{{}}\r\n\r\n{{}}\r\n'
    sent = part.format("csrfmiddlewaretoken", "", _TOKEN)
    sent += part.format("bestand", '; filename="kwartaal.csv"', content) + f"--{_BOUNDARY}--\r\n"
    return sent.encode(), f"multipart/form-data; boundary={_BOUNDARY}"


def steps_to_try(answer: bytes) -> list[int]:
    """Choose the steps to die at, of a request that was answered."""
    said = re.search(rb"^X-Steps: (\d+)\r$", answer, re.MULTILINE)
    assert said is not None
    every = range(1, int(said[1]) + 1)
    apart = -(-len(every) // (_TRIES_MAX - _LAST))
    return sorted({*every[::apart], *every[-_LAST:]})


def settle(as_owner: Ask) -> None:
    """Wait until the database noticed that the process is gone."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = 'telmee_app' AND state <> 'idle'"
    )
    wait_until(lambda: as_owner(busy) == [(0,)], "a database that is at rest")


def try_to_kill(
    killable: Killable,
    requests: Iterator[tuple[str, tuple[bytes, str], Callable[[], Left]]],
    as_owner: Ask,
    whole: Left,
) -> set[Left]:
    """Kill at one step after the other; give what was left, each kind once.

    What was not done is sent again and then is whole; what was done stays as it is.
    """
    path, sent, look = next(requests)
    steps = steps_to_try(killable.answer(path, *sent))
    assert look() == whole
    left: set[Left] = set()
    for die_at in steps:
        path, sent, look = next(requests)
        assert killable.answer(path, *sent, die_at=die_at) == b""
        settle(as_owner)
        left.add(look())
        killable.answer(path, *sent)
        assert look() == whole, "sent once more, it is there once"
    return left


def require_books(server: Server, name: str) -> None:
    """Prove the books, as `./telmee ledger check` does."""
    with connected(server.owner_url, name):
        assert check_ledger() == []


def test_a_decision_is_whole_or_was_never_taken(
    own_database: str, cast: Cast, serve: Any, server: Server, as_owner: Ask
) -> None:
    contract = register(cast)
    lines = [hand_in(cast, contract, kenmerk=f"K-{n}", persoon=f"P-{n}") for n in range(30)]
    killable = serve("adviser", f"/inspanningen/{lines[0]}/beslissen")

    def left(line: int) -> Left:
        ((*found,),) = as_owner(
            "SELECT (SELECT count(*) FROM decisions_decision WHERE contribution_id = %(id)s),"
            " (SELECT count(*) FROM ledger_entry WHERE contribution_id = %(id)s),"
            " (SELECT count(*) FROM contributions_contribution"
            "  WHERE id = %(id)s AND state = 'accepted' AND verified_cents = 1157078),"
            " (SELECT count(*) FROM audit_event"
            "  WHERE object_id = %(id)s AND verb = 'contribution.accepted')".replace(
                "%(id)s", str(line)
            )
        )
        return tuple(found)

    requests = (
        (
            f"/inspanningen/{line}/beslissen",
            form(key=uuid4(), version=2, outcome="accepted", seen=11_570_78, without_proof=1),
            lambda line=line: left(line),
        )
        for line in lines
    )
    found = try_to_kill(killable, requests, as_owner, (1, 1, 1, 1))
    assert found == {(0, 0, 0, 0), (1, 1, 1, 1)}
    require_books(server, own_database)


def test_a_mail_is_for_what_was_done_and_goes_once(cast: Cast, serve: Any, as_owner: Ask) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        proposals = {
            invite(
                acting,
                organisation_id=cast.hilversum.pk,
                email=f"nieuw-{number}@example.org",
                role=Role.MANAGER,
            ).pk: f"nieuw-{number}@example.org"
            for number in range(20)
        }
    killable = serve("manager", f"/organisaties/{cast.hilversum.pk}")

    def left(proposal: int) -> Left:
        ((*found,),) = as_owner(
            "SELECT (SELECT count(*) FROM organisations_invitation"
            "  WHERE id = %(id)s AND approved_by_id IS NOT NULL),"
            " (SELECT count(*) FROM notices_notice"
            "  WHERE code = 'invitation' AND invitation_id = %(id)s AND sealed <> '')".replace(
                "%(id)s", str(proposal)
            )
        )
        return tuple(found)

    requests = (
        (f"/uitnodigingen/{proposal}/goedkeuren", form(), lambda proposal=proposal: left(proposal))
        for proposal in proposals
    )
    assert try_to_kill(killable, requests, as_owner, (1, 1)) == {(0, 0), (1, 1)}
    approved = as_owner("SELECT id FROM organisations_invitation WHERE approved_by_id IS NOT NULL")
    invited = [mail.to[0] for mail in mailed() if "/uitnodiging/" in str(mail.body)]
    assert sorted(invited) == sorted(proposals[pk] for (pk,) in approved)


@pytest.mark.parametrize("doing", ["concept", "indienen"])
def test_a_line_is_whole_or_was_never_typed(
    *, own_database: str, cast: Cast, serve: Any, server: Server, as_owner: Ask, doing: str
) -> None:
    contract = register(cast)
    path = f"/opdrachten/{contract}/inspanningen/nieuw"
    state, deeds = ("draft", 1) if doing == "concept" else ("submitted", 2)

    def left(reference: str) -> Left:
        ids = f"(SELECT id FROM contributions_contribution WHERE reference = '{reference}')"  # noqa: S608
        ((*found,),) = as_owner(
            f"SELECT (SELECT count(*) FROM contributions_contribution WHERE id IN {ids}"  # noqa: S608
            f"  AND state = '{state}'), (SELECT count(*) FROM audit_event"
            f"  WHERE kind = 'contribution' AND object_id IN {ids}),"
            f" (SELECT count(*) FROM {ids} AS any_state)"
        )
        return tuple(found)

    def requests() -> Iterator[tuple[str, tuple[bytes, str], Callable[[], Left]]]:
        for n in range(1000):
            cells: Mapping[str, str] = {
                "bouwblok": "pw_lt2",
                "begin": "1-1-2025",
                "eind": "30-6-2025",
                "uren_per_week": "24",
                "persoon": f"P-{n}",
                "kenmerk": f"K-{n}",
            }
            sent = form(key=uuid4(), doen=doing, **cells)
            yield path, sent, partial(left, f"K-{n}")

    found = try_to_kill(serve("contractor", path), requests(), as_owner, (1, deeds, 1))
    assert found == {(0, 0, 0), (1, deeds, 1)}
    require_books(server, own_database)


@pytest.mark.usefixtures("own_database")
def test_a_file_is_taken_in_whole_or_never_came(cast: Cast, serve: Any, as_owner: Ask) -> None:
    contract = register(cast)
    path = f"/opdrachten/{contract}/bestand"
    count = (
        "SELECT (SELECT count(*) FROM contributions_upload),"
        " (SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%read_file'),"
        " (SELECT count(*) FROM audit_event WHERE verb = 'upload.added')"
    )

    def requests() -> Iterator[tuple[str, tuple[bytes, str], Callable[[], Left]]]:
        for n in range(1000):
            sent = file_form(f"kenmerk;bouwblok\nK-{n};pw_lt2\n")
            ((*before,),) = as_owner(count)

            def look(before: list[int] = before) -> Left:
                ((*now,),) = as_owner(count)
                return tuple(after - earlier for after, earlier in zip(now, before, strict=True))

            yield path, sent, look

    found = try_to_kill(serve("contractor", path), requests(), as_owner, (1, 1, 1))
    assert found == {(0, 0, 0), (1, 1, 1)}
    stored = {file.name for file in Path(settings.UPLOAD_FOLDER).glob("*")}
    assert {name for (name,) in as_owner("SELECT stored_as FROM contributions_upload")} <= stored


def test_a_contract_is_settled_whole_or_not(
    own_database: str, cast: Cast, serve: Any, server: Server, as_owner: Ask
) -> None:
    contracts = [register(cast, reference=f"A-{n}") for n in range(20)]
    for contract in contracts:
        assert proposed(cast, contract) == "done"
    killable = serve("contractor", f"/opdrachten/{contracts[0]}/eindafrekening")

    def left(contract: int) -> Left:
        ((*found,),) = as_owner(
            "SELECT (SELECT count(*) FROM agreements_answer WHERE contract_id = %(id)s),"
            " (SELECT count(*) FROM contracts_contract"
            "  WHERE id = %(id)s AND closed_on IS NOT NULL),"
            " (SELECT count(*) FROM audit_event"
            "  WHERE contract_id = %(id)s AND verb = 'contract.settled'),"
            " (SELECT count(*) FROM notices_notice"
            "  WHERE contract_id = %(id)s AND code = 'settlement_agreed')".replace(
                "%(id)s", str(contract)
            )
        )
        return tuple(found)

    versions: dict[int, int] = dict(as_owner("SELECT contract_id, id FROM agreements_version"))
    requests = (
        (
            f"/opdrachten/{contract}/eindafrekening/{versions[contract]}/antwoord",
            form(answer="agree"),
            lambda contract=contract: left(contract),
        )
        for contract in contracts
    )
    whole = (1, 1, 1, 4)
    assert try_to_kill(killable, requests, as_owner, whole) == {(0, 0, 0, 0), whole}
    require_books(server, own_database)
