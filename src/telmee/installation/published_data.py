"""What every installation has beside its tables: schemes, municipalities and regions, CPV codes.

Run as a module by `telmee.installation.database`, in the same process as the migrations: as owner,
since the application may only read all this.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import asdict

import django
from django.core.management import call_command

from telmee.core.errors import DomainError


def fill() -> None:
    """Bring the published data in line with the files; nothing is written when they are.

    Raises `DomainError` `published_scheme_differs`.
    """
    from telmee.apps.contracts import reference_data as cpv  # noqa: PLC0415 - tables come first
    from telmee.apps.organisations import reference_data as regions  # noqa: PLC0415 - as above
    from telmee.apps.schemes.actions import publish_schemes  # noqa: PLC0415 - as above

    publish_schemes()
    regions.load()
    cpv.load()


def main() -> int:
    """Migrate and fill; what was predicted to go wrong is written as facts, for who called."""
    gc.disable()  # Rendering models makes little but circles, a fifth of the time; we end soon.
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    try:
        fill()
    except DomainError as error:
        json.dump([asdict(problem) for problem in error.problems], sys.stdout)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
