"""A worker that sends once, over SMTP, to the port that it is given; a test kills it at that."""

from __future__ import annotations

import sys

import django
from django.conf import settings


def main(port: int) -> None:
    """Send what is due."""
    django.setup()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    from telmee.apps.notices.sending import send_due  # noqa: PLC0415 - needs Django

    send_due()


if __name__ == "__main__":
    main(int(sys.argv[1]))
