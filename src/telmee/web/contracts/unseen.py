"""What nobody looked at yet on a contract, and leaves the work list when the contract is closed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.counterparties import waiting_denials
from telmee.apps.contributions.touched import waiting_reviews


def unseen(access: ContractAccess) -> Iterator[dict[str, str]]:
    """What who decides has still to look at, with the list that it is in.

    Nothing waits for it: the decisions stand, as they are.
    """
    if not access.may_decide:
        return
    contract = access.contract
    reviews = waiting_reviews(access.acting).filter(contract=contract).count()
    denials = waiting_denials(access.acting).filter(contract=contract).count()
    query = urlencode({"q": contract.reference})
    if reviews:
        text = ngettext(
            "%(count)s decision that nobody looked at again after a change of the contract",
            "%(count)s decisions that nobody looked at again after a change of the contract",
            reviews,
        )
        yield {"label": text % {"count": reviews}, "url": f"{reverse('queue-touched')}?{query}"}
    if denials:
        text = ngettext(
            "%(count)s no of a counterparty that nobody looked at",
            "%(count)s times no of a counterparty that nobody looked at",
            denials,
        )
        yield {"label": text % {"count": denials}, "url": f"{reverse('queue-denied')}?{query}"}
