"""What a measurement asked of the processor, which says something on a busy machine as well."""

from __future__ import annotations

import resource
from pathlib import Path


def worked() -> float:
    """The processor's seconds of this process, its finished children, and its database server.

    The server's are those of Linux; elsewhere they are left out.
    """
    from django.db import connection  # noqa: PLC0415 - Django starts after this is read

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    server = Path(f"/proc/{pid}/schedstat")
    there = int(server.read_text("ascii").split()[0]) / 1e9 if server.exists() else 0.0
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return there + sum(use.ru_utime + use.ru_stime for use in uses)
