"""What the answer of a mail server says about an address.

The codes are those of RFC 3463 and the registry that it began: class, subject, detail. A server
that refuses for good may speak of the address, of a mailbox that is full today, or of who sends:
where our own name is on a list of senders of spam, every server refuses, and no address is wrong.
"""

from __future__ import annotations

import re

#: At the beginning of an answer; anywhere else it could be the address of a machine.
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?![.\d])")
_REPLY = re.compile(r"\s*([245]\d\d)[ -]?")
_FULL = "552"
#: Subjects that are about the message (6) or about who may send it (7), never about the address.
_OF_SENDER = ("6", "7")
#: The mailbox is full, the message too large for it or for the server, in a loop, or out of time.
_OF_TODAY = (("2", "2"), ("2", "3"), ("3", "4"), ("4", "6"), ("4", "7"))


def is_wrong_address(*answers: str) -> bool:
    """Whether a server says by any of these that it takes no mail for the address, now or later.

    The first code that says more than "something is wrong" (5.0.0) counts; where there is none, the
    three digits of SMTP do.

    >>> is_wrong_address("5.1.1 no such user"), is_wrong_address("5.2.2 mailbox full")
    (True, False)
    >>> is_wrong_address("5.0.0", "550 5.7.1 your address is on a list")
    False
    >>> is_wrong_address("550 no such user"), is_wrong_address("450 try again")
    (True, False)
    """
    statuses = [match.groups() for match in map(_status, answers) if match]
    precise = [each for each in statuses if each[1:] != ("0", "0")]
    if statuses:
        kind, subject, detail = (precise or statuses)[0]
        return kind == "5" and subject not in _OF_SENDER and (subject, detail) not in _OF_TODAY
    replies = [match[1] for match in map(_REPLY.match, answers) if match]
    return bool(replies) and replies[0].startswith("5") and replies[0] != _FULL


def _status(answer: str) -> re.Match[str] | None:
    reply = _REPLY.match(answer)
    return _STATUS.match(answer[reply.end() :] if reply else answer)
