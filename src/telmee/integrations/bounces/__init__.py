"""Mail that came back: the mailbox in which it arrives, and what a mail server says in it."""

from telmee.integrations.bounces.mailbox import Account, Mailbox, account_of, open_mailbox
from telmee.integrations.bounces.reports import Refusal, Report, report_of

__all__ = ["Account", "Mailbox", "Refusal", "Report", "account_of", "open_mailbox", "report_of"]
