"""The contracts that are written out: together they have every form and state that there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from telmee.apps.contracts.choices import Category, Form, NoObligation, PartyRole
from telmee.apps.ledger.choices import Kind
from telmee.core.periods import later_end
from telmee.demo.agreements import Agreement
from telmee.demo.people import CLAIMED, GOOI, Region

_SURPLUS = "Overrealisatie van de vorige opdracht bij dezelfde opdrachtgever"
_TOGETHER = "Gezamenlijke invulling van twee opdrachten"
#: A pool that waits for the answer of the contractor of the demonstration.
_PROPOSED = "Gebouwen en groen"
#: An initiative of the contractors of two lots.
_INITIATIVE = "Werkplekken stadhuis"
#: What the sum of some of them becomes half way, in percent of the first.
_AMENDED = {"Onderhoud openbaar groen": 120, "Leerlingenvervoer": 80}


class Shown:
    """Writes contracts out around a day."""

    def __init__(self, region: Region, day: date) -> None:
        self._region, self._day = region, day
        self._clients = {client.name.removeprefix("Gemeente "): client for client in region.clients}

    def all(self) -> Iterator[Agreement]:
        """The contracts that a visitor is shown; each begins a number of months before the day."""
        yield from self._lots()
        yield from self._framework()
        yield from self._consortium()
        yield from self._without_obligation()
        yield from self._course_of_things()
        yield from self._beside_effort()
        yield from self._taken_over()
        yield from self._quiet()

    def _lots(self) -> Iterator[Agreement]:
        for number, company in enumerate((0, CLAIMED, 5), start=1):
            yield self._make(
                ("Hilversum", company, "Schoonmaak gebouwen", "90910000-9"),
                months=(-16, 36),
                lines=14,
                met=(0.95, 0.5, 1.2)[number - 1],
                tender="HIL-2025-SCH",
                lot=f"Perceel {number}",
                extensions=2,
                pool=_PROPOSED if number == 1 else _INITIATIVE,
                pool_waits=number == 1,
                part_bp={2: 40_00, 3: 60_00}.get(number),
                parties=[(self._region.parts["auditor"], PartyRole.AUDITOR)] if number == 1 else [],
                plan=3,
            )

    def _framework(self) -> Iterator[Agreement]:
        what = ("Gooise Meren", 0, "Onderhoud asfaltwegen", "45233141-9")
        common: dict[str, Any] = {"category": Category.WORKS, "framework": "GM-RO-WEGEN"}
        yield self._make(what, months=(-20, 48), lines=0, form=Form.FRAMEWORK, **common)
        for number, months in enumerate((-18, -12, -5), start=1):
            place, company, name, cpv = what
            call = (place, company, f"{name}, deelopdracht {number}", cpv)
            met = (1.1, 0.9, 0.6)[number - 1]
            form = Form.CALL_OFF
            yield self._make(call, months=(months, 18), lines=8, met=met, form=form, **common)

    def _consortium(self) -> Iterator[Agreement]:
        parts, contractors = self._region.parts, self._region.contractors
        yield self._make(
            ("Huizen", 0, "Nieuwbouw zwembad, combinatie van twee bouwers", "45212290-5"),
            months=(-14, 30),
            lines=22,
            met=0.8,
            category=Category.WORKS,
            parties=[
                (contractors[6].id, PartyRole.CONSORTIUM),
                (parts["auditor"], PartyRole.AUDITOR),
            ],
            helpers=[contractors[2], contractors[7]],
            plan=3,
        )
        yield self._make(
            ("Rotterdam", 0, "Beheer buitenruimte Zuid", "77310000-6"),
            months=(-22, 36),
            lines=40,
            met=1.05,
            helpers=[contractors[2]],
            plan=2,
        )

    def _without_obligation(self) -> Iterator[Agreement]:
        for number, why in enumerate(NoObligation):
            _, name, cpv = (
                ("", "Postbezorging", "64110000-0"),
                ("", "Strooizout", "34927100-2"),
                ("", "Kort schilderwerk gemeentehuis", "45442110-1"),
                ("", "Werkplekbeheer ICT", "72253000-3"),
                ("", "Jongerenwerk", "85320000-8"),
            )[number]
            place = GOOI[number]
            yield self._make(
                (place, 8 + number, name, cpv), months=(-6, 12), lines=0, no_obligation=why, plan=0
            )

    def _course_of_things(self) -> Iterator[Agreement]:
        """Running well and badly, ended, closed, not begun, and one of a small company."""
        for place, company, name, cpv, months, lines, met, closed in (
            ("Hilversum", 0, "Onderhoud openbaar groen", "77310000-6", (-30, 24), 12, 0.55, False),
            ("Wijdemeren", 9, "Leerlingenvervoer", "60130000-8", (-28, 24), 9, 0.7, False),
            ("Blaricum", 0, "Bedrijfscatering", "55520000-1", (-32, 24), 10, 1.15, True),
            ("Laren", 10, "Beveiliging en receptie", "79710000-4", (-18, 24), 3, 0.2, False),
            ("Eemnes", 0, "Hulp bij het huishouden", "85312000-9", (1, 24), 0, 0.0, False),
            ("Eemnes", 1, "Buitenschilderwerk scholen", "45442110-1", (-10, 24), 7, 0.8, False),
        ):
            yield self._make(
                (place, company, name, cpv),
                months=months,
                lines=lines,
                met=met,
                closed=closed,
                extensions=1 if name == "Leerlingenvervoer" else 0,
                sum_percent=_AMENDED.get(name, 100),
                pool=_PROPOSED if name == "Onderhoud openbaar groen" else "",
                pool_waits=True,
                plan=2,
            )

    def _beside_effort(self) -> Iterator[Agreement]:
        """Let go, fined, brought over, and shared between two contracts."""
        out, into = ((kind, 4_000_00, _SURPLUS) for kind in (Kind.CARRIED_OUT, Kind.CARRIED_IN))
        given, pooled = ((kind, 2_500_00, _TOGETHER) for kind in (Kind.CARRIED_OUT, Kind.POOLED))
        fine = (Kind.PENALTY, 7_500_00, "Boete volgens de regeling na twee waarschuwingen")
        less = (Kind.WAIVED, 5_000_00, "De opdracht werd kleiner door uitstel van de bouw")
        for place, name, months, lines, met, transfers in (
            ("Huizen", "Inzameling textiel", (-40, 24), 8, 1.4, [out]),
            ("Huizen", "Inzameling textiel (vervolg)", (-15, 36), 5, 0.7, [into]),
            ("Hilversum", "Beheer parkeergarages", (-24, 36), 8, 3.2, [given]),
            ("Hilversum", "Toezicht parkeren", (-24, 36), 5, 0.7, [pooled]),
            ("Laren", "Onderhoud gebouwinstallaties", (-29, 24), 6, 0.6, [fine, less]),
        ):
            what = (place, 11, name, "50700000-2")
            pool = "Parkeren" if transfers[0] in (given, pooled) else ""
            more = {"transfers": transfers, "pool": pool}
            yield self._make(what, months=months, lines=lines, met=met, **more)

    def _taken_over(self) -> Iterator[Agreement]:
        """Begun by one company, and carried out by another since lately."""
        yield self._make(
            ("Wijdemeren", 12, "Onderhoud speeltoestellen", "50870000-4"),
            months=(-20, 36),
            lines=9,
            met=0.8,
            taken_by=self._region.contractors[0],
        )

    def _quiet(self) -> Iterator[Agreement]:
        """Nothing was handed in on it, so that a report on a period is still to come."""
        yield self._make(
            ("Laren", 0, "Onderhoud fietsenstallingen", "50700000-2"),
            months=(-6, 24),
            lines=0,
            met=0.0,
            plan=2,
        )

    def _make(
        self, what: tuple[str, int, str, str], *, months: tuple[int, int], lines: int, **more: Any
    ) -> Agreement:
        place, company, name, cpv = what
        client = self._clients[place]
        before, length = months
        day_before = later_end(self._day.replace(day=1) - timedelta(days=1), before)
        return Agreement(
            client=client,
            contractor=self._region.contractors[company],
            name=name,
            category=more.pop("category", Category.SERVICES),
            cpv=cpv,
            start=day_before + timedelta(days=1),
            end=later_end(day_before, length),
            lines=lines,
            adviser=client.advisers[0],
            **more,
        )
