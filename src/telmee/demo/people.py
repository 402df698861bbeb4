"""Organisations and people: the real municipalities, and everything around them invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from telmee.apps.organisations.access import hash_of
from telmee.apps.organisations.choices import RecognitionKind, Role
from telmee.apps.organisations.models import Municipality
from telmee.apps.organisations.names import search_key
from telmee.demo.names import ENTERPRISES, bodies, companies, person
from telmee.demo.profiles import Profile
from telmee.demo.tables import Tables, as_json
from telmee.texts import Language

_ZONE = ZoneInfo("Europe/Amsterdam")
PASSWORD = "samen aan het werk"  # noqa: S105 - of invented people, and told to everybody
_MAIL = "{}@telmee.example"
GOOI = ("Hilversum", "Gooise Meren", "Huizen", "Wijdemeren", "Blaricum", "Eemnes", "Laren")
_DEMO_CLIENTS = (*GOOI, "Rotterdam")
#: Numbers of the trade register that were never given out.
_KVK_FROM = 99_000_001
#: Which contractor is claimed and not confirmed in the demonstration.
CLAIMED = 4
#: By whose rules a client works, in turn; a stand-in where his own have no amounts.
_SCHEMES = (
    "utrecht",
    "harlingen",
    "haaglanden-zhc-2023-07",
    "oost-nederland-v05-2023-04",
    "leiden-2023-09",
    "utrecht",
    "handreiking-2025",
    "haaglanden-zhc-2023-07",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One of the accounts of the demonstration."""

    key: str
    name: str
    part_nl: str
    part_en: str
    organisation: str | None = None
    role: Role = Role.WORKER

    @property
    def email(self) -> str:
        """The address with which he signs in."""
        return _MAIL.format(self.key)


#: Everybody that somebody can sign in as; `organisation` names one of `Region.parts`.
CAST = tuple(
    Actor(*facts)
    for facts in (
        ("adviseur", "Noor van Dijk", "adviseur, 150 opdrachten", "adviser, 150 contracts", "team"),
        ("tweede.adviseur", "Sam de Wit", "tweede adviseur", "second adviser", "team"),
        ("beheerder", "Ineke Bos", "beheerder team", "manager of team", "team", Role.MANAGER),
        (
            "gemeente",
            "Karim Haddad",
            "beheerder gemeente",
            "manager of a municipality",
            "client",
            Role.MANAGER,
        ),
        ("lezer", "Ans Mulder", "lezer gemeente", "municipal reader", "client", Role.READER),
        ("raadslid", "Mirjam Kok", "raadslid", "council member", "client", Role.COUNCIL),
        ("opdrachtnemer", "Joris Prins", "opdrachtnemer", "contractor", "contractor"),
        ("directie", "Fatma Yilmaz", "directie", "management", "contractor", Role.MANAGER),
        ("aannemer", "Piet Vos", "opdrachtnemer, klein bedrijf", "small contractor", "small"),
        ("onderaannemer", "Eva Smit", "onderaannemer", "subcontractor", "sub"),
        ("sociaal", "Tom Bakker", "sociale onderneming", "social enterprise", "enterprise"),
        ("rekenkamer", "Lies de Groot", "accountant", "auditor", "auditor"),
        ("platform", "Ravi Kanhai", "beheerder platform", "operator"),
    )
)


@dataclass(slots=True)
class Client:
    """A public body, with whose rules it works and who decides for it."""

    id: int
    name: str
    scheme: str
    advisers: tuple[int, ...]
    second: int
    has_team: bool
    accepts_ahead: bool = False


@dataclass(slots=True)
class Contractor:
    """A company, and who hands in for it."""

    id: int
    name: str
    user: int


@dataclass(slots=True)
class Region:
    """Everybody who plays a part in contracts."""

    clients: list[Client]
    contractors: list[Contractor]
    enterprises: list[Contractor]
    parts: dict[str, int]
    users: dict[str, int]


def accounts(language: Language = "nl") -> list[tuple[str, str, str]]:
    """List who can sign in: name and part, e-mail, password."""
    return [
        (
            f"{actor.name}, {actor.part_nl if language == 'nl' else actor.part_en}",
            actor.email,
            PASSWORD,
        )
        for actor in CAST
    ]


def entrances() -> list[dict[str, str]]:
    """The accounts as the first page of a demonstration offers them."""
    return [
        {"name": actor.name, "email": actor.email, "nl": actor.part_nl, "en": actor.part_en}
        for actor in CAST
    ]


def moment(day: date, rng: Random) -> datetime:
    """A moment in the working hours of a day, in the Netherlands."""
    minutes = rng.randrange(8 * 60, 17 * 60)
    return datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=_ZONE)


class Settling:
    """Adds organisations and users, who were all there before the first contract."""

    def __init__(self, tables: Tables, profile: Profile, day: date, rng: Random) -> None:
        self._tables, self._profile, self._day, self._rng = tables, profile, day, rng
        self._began = moment(day - timedelta(days=366 * (profile.years + 1)), rng)
        # Scrypt takes its time on purpose; everybody has the same password here anyhow.
        self._password = make_password(PASSWORD)
        self._kvk = _KVK_FROM

    def settle(self, *, demo: bool) -> Region:
        """Add everybody."""
        users = {actor.key: self._actor(actor) for actor in CAST}
        names = companies()
        clients = self._clients(users, demo=demo)
        contractors = [self._contractor(name) for name in islice(names, self._profile.contractors)]
        contractors[0].user, contractors[1].user = users["opdrachtnemer"], users["aannemer"]
        enterprises = [self._contractor(name) for name in ENTERPRISES]
        enterprises[0].user = users["sociaal"]
        parts = {
            "client": clients[0].id,
            "contractor": contractors[0].id,
            "small": contractors[1].id,
            "sub": contractors[2].id,
            "enterprise": enterprises[0].id,
            "team": self._organisation("Social return team Gooi en Vechtstreek", is_client=True),
            "auditor": self._organisation("Rekenkamer De Schemeruil"),
        }
        for actor in CAST:
            if actor.organisation is not None:
                self._member(users[actor.key], parts[actor.organisation], actor.role)
        region = Region(clients, contractors, enterprises, parts, users)
        self._recognise(region)
        self._invite(region)
        if demo:
            self._claim(region)
        return region

    def _clients(self, users: dict[str, int], *, demo: bool) -> list[Client]:
        clients = []
        advisers: tuple[int, ...] = (users["adviseur"],)
        second = users["tweede.adviseur"]
        counts = self._profile.advisers()
        for number, (name, code) in enumerate(self._client_names(demo=demo)):
            prefix = "Gemeente " if code else ""
            ahead = demo and number == len(GOOI)
            client = self._organisation(
                prefix + name,
                is_client=True,
                accepts_ahead=ahead,
                municipality=code,
                real=bool(code),
            )
            if demo and number == len(GOOI):  # Rotterdam has people of its own
                advisers, second = (self._user(),), self._user()
            if not demo:
                first = users["adviseur"] if number == 0 else self._user()
                advisers = (first, *(self._user() for _ in range(1, counts[number])))
                second = users["tweede.adviseur"] if number == 0 else advisers[-1]
            if not demo or number == len(GOOI):
                for user in dict.fromkeys((*advisers, second)):
                    self._member(user, client, Role.WORKER)
            scheme = _SCHEMES[number % len(_SCHEMES)]
            in_team = demo and name in GOOI
            clients.append(Client(client, prefix + name, scheme, advisers, second, in_team, ahead))
        return clients

    def _client_names(self, *, demo: bool) -> list[tuple[str, str | None]]:
        known = dict(Municipality.objects.order_by("code").values_list("name", "code"))
        if demo:
            return [(name, known.get(name)) for name in _DEMO_CLIENTS]
        cities: list[tuple[str, str | None]] = sorted(known.items())
        self._rng.shuffle(cities)
        if self._profile.name in {"city", "municipality"}:  # one city and its anchor bodies
            del cities[1:]
        wanted = self._profile.clients
        others = ((name, None) for name in islice(bodies(), wanted))
        return [*cities[:wanted], *islice(others, max(0, wanted - len(cities)))]

    def _contractor(self, name: str) -> Contractor:
        user, organisation = self._user(), self._organisation(name)
        self._member(user, organisation, Role.MANAGER)
        return Contractor(organisation, name, user)

    def _organisation(
        self,
        name: str,
        *,
        is_client: bool = False,
        accepts_ahead: bool = False,
        municipality: str | None = None,
        real: bool = False,
    ) -> int:
        """Add an organisation; a real one gets no number, as ours would be made up."""
        self._kvk += 1
        return self._tables.organisations.add(
            name=name,
            search_name=search_key(name),
            kvk=None if real else str(self._kvk),
            is_client=is_client,
            accepts_ahead=accepts_ahead,
            carries_surplus=is_client,
            municipality_id=municipality,
            invented=not real,
            created_at=self._began,
        )

    def _actor(self, actor: Actor) -> int:
        return self._add_user(actor.email, actor.name, is_operator=actor.organisation is None)

    def _user(self) -> int:
        number = self._tables.users.last_id + 1
        return self._add_user(_MAIL.format(f"gebruiker{number}"), person(number))

    def _add_user(self, email: str, name: str, *, is_operator: bool = False) -> int:
        return self._tables.users.add(
            email=email,
            name=name,
            password=self._password,
            is_operator=is_operator,
            created_at=self._began,
        )

    def _member(self, user: int, organisation: int, role: Role) -> None:
        self._tables.memberships.add(
            user_id=user, organisation_id=organisation, role=str(role), since=self._began
        )

    def _recognise(self, region: Region) -> None:
        """Each social enterprise gets a certificate: valid, nearly over, over, or aspirant."""
        for number, enterprise in enumerate(region.enterprises):
            kind = tuple(RecognitionKind)[number % 4]
            days = (400, 24, -35, 700, 180)[number % 5]
            until = self._day + timedelta(days=days)
            level = ("Trede 3", "Trede 2", "30+")[number % 3] if kind == RecognitionKind.PSO else ""
            ends = None if kind == RecognitionKind.LOCAL and days > 0 else until
            client = region.clients[number % len(region.clients)].id
            checked_on = self._day - timedelta(days=60 + number)
            recognition = self._tables.recognitions.add(
                organisation_id=enterprise.id,
                kind=str(kind),
                level=level,
                number=f"{kind.upper()}-{2000 + number}",
                valid_from=until - timedelta(days=730),
                valid_until=ends,
                checked_on=checked_on,
                checked_by_id=client,
            )
            self._tables.events.add(
                at=moment(checked_on, Random(number)),  # noqa: S311 - the same region each time
                organisation_id=client,
                verb="organisation.recognised",
                kind="organisation",
                object_id=enterprise.id,
                details=as_json(
                    {"kind": kind, "recognition": recognition, "valid_until": ends and str(ends)}
                ),
            )

    def _invite(self, region: Region) -> None:
        """Leave one invitation open, one expired, one accepted and one withdrawn."""
        contractors: Sequence[Contractor] = region.contractors
        for number, (days, answered) in enumerate(
            ((-2, None), (-30, None), (-200, "accepted_at"), (-9, "withdrawn_at"))
        ):
            begun = moment(self._day + timedelta(days=days), self._rng)
            answer = {answered: begun + timedelta(days=1)} if answered else {}
            self._tables.invitations.add(
                organisation_id=contractors[number % 2 * 3].id,
                email=_MAIL.format(f"genodigde{number + 1}"),
                role=str(Role.MANAGER),
                token_hash=hash_of(f"{self._rng.getrandbits(128):032x}"),
                invited_by_id=contractors[0].user
                if number % 2 == 0
                else region.clients[0].advisers[0],
                created_at=begun,
                expires_at=begun + timedelta(days=14),
                **answer,
            )

    def _claim(self, region: Region) -> None:
        """Let the adviser have invited a contractor for one contract, which nobody confirmed yet.

        It is the second contract that is written out (`Shown`), a lot of Hilversum.
        """
        claimed = region.contractors[CLAIMED]
        begun = datetime.combine(self._day - timedelta(days=12), time(10, 15), _ZONE)
        self._tables.invitations.add(
            organisation_id=claimed.id,
            email=_MAIL.format(f"gebruiker{claimed.user}"),
            role=str(Role.MANAGER),
            token_hash=hash_of(f"claim on {claimed.id}"),
            invited_by_id=region.users["adviseur"],
            is_first=True,
            contract_id=self._tables.contracts.first_id + 1,
            created_at=begun,
            expires_at=begun + timedelta(days=14),
            accepted_at=begun + timedelta(days=1, hours=4),
        )
