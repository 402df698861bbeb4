"""Count the queries of a page, in this process: the same number however much there is."""

from __future__ import annotations

import logging

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.web.asking import Page


def queries_of(page: Page) -> int:
    """How many queries a page runs, once everything that is kept was read."""
    client = Client(SERVER_NAME="localhost")
    client.cookies["sessionid"] = page.cookie
    client.get(page.path)
    with CaptureQueriesContext(connection) as caught:
        client.get(page.path)
    return len(caught)


def is_there(page: Page) -> bool:
    """Whether somebody has this page: not every contract has shares or turnover."""
    client = Client(SERVER_NAME="localhost")
    client.cookies["sessionid"] = page.cookie
    logging.getLogger("django.request").setLevel(logging.ERROR)  # that it is not is no news
    return client.get(page.path).status_code == 200
