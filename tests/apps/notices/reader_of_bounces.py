"""A worker that reads the mailbox for bounces once; a test kills it at that."""

from __future__ import annotations

import django


def main() -> None:
    """Read what is new."""
    django.setup()
    from telmee.apps.notices.bounces import read_bounces  # noqa: PLC0415 - needs Django

    read_bounces()


if __name__ == "__main__":
    main()
