"""Which figures lean on what somebody else reports, and not on a page of the client itself.

A source with `read = "secondary"` is a list, a report or a news item of somebody else. Its figures
may be older than those of the client, or wrong, so whoever uses one looks it up first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from telmee.core.explain import Step
from telmee.core.schemes.model import Scheme

SECONDARY = "secondary"


def is_secondary(scheme: Scheme, url: str | None) -> bool:
    """Whether the page at `url` is somebody else's; what has no page is assumed, and is not."""
    return any(source.url == url and source.read == SECONDARY for source in scheme.sources.values())


def has_secondary_amounts(scheme: Scheme) -> bool:
    """Whether what any effort is worth was read with somebody else."""
    return any(is_secondary(scheme, block.source) for block in scheme.blocks)


def secondary_checks(scheme: Scheme, steps: Iterable[Step]) -> Iterator[Step]:
    """One check for each page of somebody else that these steps of a figure lean on."""
    leant_on = (step.source for step in steps if step.step != "to_check")
    for url in dict.fromkeys(leant_on):
        if is_secondary(scheme, url):
            yield Step("to_check", "secondary_source", "code", "sources", url)
