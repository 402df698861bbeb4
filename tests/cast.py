"""The fixed cast: who plays in the tests of the web application, and for whom.

The adviser works for Hilversum, his manager manages it, a colleague works for Huizen. The
contractor works for De Eem, which brings in a subcontractor; the competitor works for another
company. The auditor may look, the outsider belongs to nobody, the operator runs the platform. A
member of the council of Hilversum reads what it published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.models import Membership, Organisation, User

PASSWORD = "een lang en goed wachtwoord"  # noqa: S105 - of invented people


@dataclass(frozen=True, slots=True)
class Cast:
    """Organisations and users, all there before a test begins."""

    hilversum: Organisation
    huizen: Organisation
    de_eem: Organisation
    rival: Organisation
    sub: Organisation
    audit_office: Organisation
    region: Organisation
    adviser: User
    second_adviser: User
    manager: User
    colleague: User
    contractor: User
    contractor_manager: User
    competitor: User
    subcontractor: User
    auditor: User
    team: User
    reader: User
    council: User
    outsider: User
    operator: User

    def users(self) -> dict[str, User]:
        """Everybody by his part."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: who for name, who in found.items() if isinstance(who, User)}


_ORGANISATIONS = {
    "hilversum": ("Gemeente Hilversum", "30000001", True),
    "huizen": ("Gemeente Huizen", "30000002", True),
    "de_eem": ("Bouwbedrijf De Eem", "30000003", False),
    "rival": ("Infra Rival", "30000004", False),
    "sub": ("Schilders Onderaan", "30000005", False),
    "audit_office": ("Rekenkamer Gooi", "30000006", False),
    "region": ("Regionaal team Gooi", "30000007", True),
}
_USERS = {
    "adviser": ("hilversum", Role.WORKER),
    "second_adviser": ("hilversum", Role.WORKER),
    "manager": ("hilversum", Role.MANAGER),
    "reader": ("hilversum", Role.READER),
    "council": ("hilversum", Role.COUNCIL),
    "colleague": ("huizen", Role.MANAGER),
    "contractor": ("de_eem", Role.WORKER),
    "contractor_manager": ("de_eem", Role.MANAGER),
    "competitor": ("rival", Role.MANAGER),
    "subcontractor": ("sub", Role.WORKER),
    "auditor": ("audit_office", Role.WORKER),
    "team": ("region", Role.WORKER),
    "outsider": (None, None),
    "operator": (None, None),
}


def make_cast() -> Cast:
    """Insert the cast; as owner, once per database."""
    organisations = {
        key: Organisation.objects.create(
            name=name, kvk=kvk, is_client=is_client, carries_surplus=is_client
        )
        for key, (name, kvk, is_client) in _ORGANISATIONS.items()
    }
    users = {}
    for key, (organisation, role) in _USERS.items():
        users[key] = User.objects.create_user(
            f"{key}@example.org", PASSWORD, name=key.title(), is_operator=key == "operator"
        )
        if organisation is not None and role is not None:
            Membership.objects.create(
                user=users[key], organisation=organisations[organisation], role=role
            )
    everybody: dict[str, Any] = {**organisations, **users}
    return Cast(**everybody)


def find_cast() -> Cast:
    """Find the cast in a copy of the database that it was made in."""
    by_kvk = {o.kvk: o for o in Organisation.objects.all()}
    organisations = {key: by_kvk[kvk] for key, (_, kvk, _) in _ORGANISATIONS.items()}
    by_mail = {u.email: u for u in User.objects.all()}
    users = {key: by_mail[f"{key}@example.org"] for key in _USERS}
    everybody: dict[str, Any] = {**organisations, **users}
    return Cast(**everybody)


def membership_of(user: User) -> int:
    """The id of somebody's membership."""
    with acting_as(user.pk):
        return Membership.objects.get(user=user).pk
