"""Whose rules hold, when several clients share a scheme."""

from __future__ import annotations

from dataclasses import replace

from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.municipalities import current_name, plain_name, same_name
from telmee.core.obligations.finding import Finding, sourced_step, to_check
from telmee.core.schemes.model import Scheme


def clients_of(scheme: Scheme) -> list[str]:
    """List the clients that a scheme names: those it is for, then those only a rule names."""
    keys = set().union(*_named_in_rows(scheme))
    return list(dict.fromkeys([*scheme.applies_to, *sorted(keys)]))


def same_client(scheme: Scheme, name: str) -> str | None:
    """The client of a scheme that bears a name, as the scheme writes it; None if it has none."""
    return _same(name, clients_of(scheme))


def check_client(scheme: Scheme, typed: str | None) -> tuple[Problem, ...]:
    """At most one problem: that a client was named that the scheme is not for."""
    known = clients_of(scheme)
    if typed is None or not known or _same(typed, known) is not None:
        return ()
    params = {"client": typed, "known": ", ".join(known)}
    return (Problem("unknown_client", "opdrachtgever", params=params),)


def find_client(scheme: Scheme, typed: str | None) -> Finding[str]:
    """Find the client whose rows hold; `None` with a problem where that must be said first.

    Only a scheme with rows for some of its clients needs to know. Nobody named: the scheme's
    default, which the story calls assumed. `None` without a problem: it makes no difference. Of a
    scheme of which nobody knows the clients, whether it holds for this one is left to check.
    """
    known = clients_of(scheme)
    if not known:
        client = None if typed is None else " ".join(typed.split())
        return Finding(client, (to_check(scheme, "clients_unknown", "applies_to"),))
    if typed is not None:
        client = _same(typed, known) or typed
        step = Step("client", client, "text", "contract.opdrachtgever", None)
        how = _how(typed, client)
        if how is not None:
            step = replace(step, params={"how": how, "named": typed.strip()})
        return Finding(client, (step,))
    if not _named_in_rows(scheme):
        return Finding(None)
    default = scheme.obligation.default_client
    if default is not None:
        rule = "obligation.default_client"
        return Finding(default, (sourced_step(scheme, "client_assumed", default, "text", rule),))
    params = {"known": ", ".join(known)}
    return Finding(None, problems=(Problem("client_needed", "opdrachtgever", params=params),))


def _named_in_rows(scheme: Scheme) -> list[frozenset[str]]:
    """For each threshold or percentage that is for some clients only, the names of those."""
    rules = scheme.obligation
    scopes = [row.clients for row in rules.thresholds] + [row.clients for row in rules.percentages]
    return [clients for clients in scopes if clients is not None]


def _same(typed: str, known: list[str]) -> str | None:
    """The client that is meant: by its own name, by another name of it, by one of before a merger.

    A municipality of today is not looked for under what was merged into it: that its rules hold for
    the whole is for nobody to assume.
    """
    for ours, theirs in (
        (plain_name, plain_name),
        (same_name, same_name),
        (current_name, same_name),
    ):
        meant = ours(typed)
        for client in known:
            if theirs(client) == meant:
                return client
    return None


def _how(typed: str, client: str) -> str | None:
    """By which name a client was found, where that is not its own."""
    if plain_name(typed) == plain_name(client):
        return None
    return "same" if same_name(typed) == same_name(client) else "merged"
