"""Numbers by which registers know an organisation: KvK number, RSIN and OIN.

Each check gives the number as it is kept, digits only, or raises a `DomainError`. A number that
passes may still not exist: only its register knows that.
"""

from telmee.integrations.identifiers.numbers import check_kvk, check_oin, check_rsin

__all__ = ["check_kvk", "check_oin", "check_rsin"]
