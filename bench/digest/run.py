"""Send a digest to 10,000 people, each with four notices about two contracts, over SMTP.

    .venv/bin/python bench/digest/run.py [--people N] [--data FOLDER]

Before and after it the same number of mails is only sent: written once, and handed to the same
server over one connection. The exit code is 1 when 10,000 people take more than a minute.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT), str(_ROOT / "src")]

import psycopg  # noqa: E402 - the path comes first

from telmee.installation import database  # noqa: E402
from telmee.installation.data_folder import start_django, started  # noqa: E402

_PEOPLE, _SECONDS_MAX = 10_000, 60.0
_LOADED = """
DELETE FROM notices_notice;
DELETE FROM notices_wish;
INSERT INTO organisations_user (password, email, name, language, is_active, is_operator, gets_heads,
    created_at)
SELECT '!', 'digest' || n || '@example.org', 'Digest ' || n, 'nl', true, false, false, now()
FROM generate_series(1, %(people)s) n ON CONFLICT DO NOTHING;
CREATE TEMPORARY TABLE place AS
SELECT u.id AS user_id, p.organisation_id, p.contracts
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM organisations_user
      WHERE email LIKE 'digest%%' ORDER BY id LIMIT %(people)s) u
JOIN (SELECT organisation_id, array_agg(contract_id ORDER BY contract_id) AS contracts,
             row_number() OVER (ORDER BY organisation_id) AS number, count(*) OVER () AS every
      FROM contracts_openparty WHERE role = 'contractor'
      GROUP BY organisation_id HAVING count(*) >= 2) p ON p.number = 1 + u.number %% p.every;
INSERT INTO organisations_membership (user_id, organisation_id, role, since)
SELECT user_id, organisation_id, 'worker', now() FROM place ON CONFLICT DO NOTHING;
INSERT INTO notices_wish (user_id, "group", rhythm) SELECT user_id, 'answered', 'daily' FROM place;
INSERT INTO notices_notice (code, facts, channel, user_id, address, language, organisation_id,
    contract_id, message_id, mail, sealed, state, attempts, fault, answer, created_at,
    next_attempt_at)
SELECT 'plan_agreed', jsonb_build_object('by', 'Gemeente Voorbeeld', 'contract', c.name,
           'reference', c.reference, 'url', 'https://telmee.example/opdrachten/' || c.id),
       'mail', user_id, '', 'nl', organisation_id, c.id,
       '<' || user_id || '-' || n || '@telmee.example>', '', '', 'waiting', 0, '', '',
       now() - interval '7 days', now() - interval '7 days'
FROM place CROSS JOIN generate_series(1, 4) n
JOIN contracts_contract c ON c.id = contracts[1 + n %% 2];
DROP TABLE place;
ANALYZE notices_notice, organisations_membership, organisations_user;
"""


def main() -> int:
    """Load people and notices, send, and say how long it took; 1 when that is too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=_PEOPLE)
    parser.add_argument("--data", type=Path, help="folder of the register; made when not there")
    options = parser.parse_args()
    people = options.people
    data = options.data or _ROOT / "bench" / ".cache" / "digest"
    os.environ.setdefault("TELMEE_SECRET_KEY", secrets.token_urlsafe(48))
    os.environ["PYTHONPATH"] = str(_ROOT / "src")
    with started(data) as installation:
        installation.ensure_set_up()
        start_django(installation, "demo")
        owner = installation.require_owner()
        if database.is_empty(owner):
            from telmee.demo.loading import load  # noqa: PLC0415 - it needs Django's tables

            load(None)
        with psycopg.connect(owner, autocommit=True) as connection:
            for statement in _LOADED.split(";\n"):
                if statement.strip():
                    connection.execute(statement % {"people": people})
        return 0 if _measure(people) else 1


def _measure(people: int) -> bool:
    from django.conf import settings  # noqa: PLC0415 - as above
    from django.urls import reverse  # noqa: PLC0415

    reverse("my-notices")  # a worker that ran before has the addresses of the pages at hand
    receiver = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("receiver.py"))], stdout=subprocess.PIPE
    )
    assert receiver.stdout is not None
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(receiver.stdout.readline())
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        bare = _bare(people // 2)
        digest, own, sent = _digests()
        bare += _bare(people - people // 2)
    finally:
        receiver.terminate()
        came = receiver.communicate(timeout=20)[0]
    assert sent == people * 4, f"{sent} notices went"
    assert int(came) == people * 2, f"{came!r} mails came"
    print(
        f"{people:,} people with four notices each: {digest:.1f} s, {digest / people * 1e3:.2f} ms"
        f" a person (of which {own / people * 1e3:.2f} in this program),"
        f" {digest / bare:.1f} times only sending (at most {_SECONDS_MAX:.0f} s for 10,000)"
    )
    return digest * _PEOPLE / people <= _SECONDS_MAX


def _bare(count: int) -> float:
    """Only send so many mails; the seconds."""
    from django.core.mail import EmailMultiAlternatives, get_connection  # noqa: PLC0415

    message = EmailMultiAlternatives("Onderwerp", "Tekst\n" * 20, None, ["digest@example.org"])
    message.attach_alternative("<p>Tekst</p>" * 20, "text/html")
    begin = perf_counter()
    with get_connection() as server:
        for _number in range(count):
            server.send_messages([message])
    return perf_counter() - begin


def _digests() -> tuple[float, float, int]:
    """Send all that is due, in runs as the worker does.

    The seconds, those of the processor for this program alone, and how many notices.
    """
    from telmee.apps.notices.sending import send_due  # noqa: PLC0415

    sent, begin, own = 0, perf_counter(), process_time()
    while went := send_due():
        sent += went
    return perf_counter() - begin, process_time() - own, sent


if __name__ == "__main__":
    sys.exit(main())
