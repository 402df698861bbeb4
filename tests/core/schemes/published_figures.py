"""The figures that clients publish, typed over by hand from their pages.

Nothing here is read from `schemes/`: that is what it is compared with. Amounts are whole euros;
`None` is a row without an amount. The last figure of a block is how many months somebody counts in
it (`None`: no limit, or no period at all).
"""

from __future__ import annotations

from datetime import date
from typing import Any

YEAR, PERSON, COST = "full_time_year", "person_year", "actual_cost"
PIECE, PERIOD, UNSAID = "piece", "internship_period", "not_stated"
#: A public list of May 2026 that others keep, and what it said before.
LIST = "https://github.com/Waardewerk/SROI-monitor/blob/5dc65c3/src/data/gemeenten.ts"
OLDER_LIST = "https://github.com/Waardewerk/SROI-monitor/blob/b5b9912/src/data/gemeenten.ts"
Blocks = dict[str, tuple[int | None, str, int | None]]

#: Scheme: the address of its table, then its rows.
BLOCKS: dict[str, tuple[str, Blocks]] = {
    "utrecht-36h-v1": (
        "https://www.utrecht.nl/werk-en-inkomen/aan-het-werk/social-return/bouwblokkenmodel-social-return/",
        {
            "pw_lt2": (30_000, YEAR, None),
            "pw_gt2": (40_000, YEAR, None),
            "ww_lt1": (15_000, YEAR, None),
            "ww_gt1": (20_000, YEAR, None),
            "wia_wao": (30_000, YEAR, None),
            "banenafspraak": (35_000, YEAR, None),
            "wsw_inzet": (None, COST, None),
            "bbl": (15_000, YEAR, None),
            "bol": (10_000, YEAR, None),
            "activity_hours": (100, "hour", None),
            "social_enterprise": (100, "hour", None),
            "nug": (10_000, YEAR, None),
        },
    ),
    "utrecht-36h-v2": (
        "https://www.utrecht.nl/ondernemen/inkopen-en-aanbesteden/social-return/social-return-berekenen-bouwblokken/",
        {
            "pw": (40_000, YEAR, None),
            "banenafspraak": (50_000, YEAR, None),
            "pro_vso_entree": (35_000, YEAR, None),
            "wia_wao": (40_000, YEAR, None),
            "ww": (20_000, YEAR, None),
            "bbl_2_4": (35_000, YEAR, None),
            "bol_2_4": (20_000, YEAR, None),
            "nug": (10_000, YEAR, None),
            "social_purchase": (None, COST, None),
            "support_initiative": (100, "hour", None),
            "share_knowledge": (100, "hour", None),
            "mobility": (None, "agreement", None),
            "development": (None, "agreement", None),
        },
    ),
    "leiden-2023-09": (
        "https://www.dzb.nl/bouwblokkenmethode/",
        {
            "none_able": (5_000, YEAR, None),
            "none_disabled": (10_000, YEAR, None),
            "bol": (10_000, YEAR, None),
            "bbl": (25_000, YEAR, None),
            "pro_vso": (25_000, YEAR, None),
            "ww": (15_000, YEAR, None),
            "wia": (40_000, YEAR, None),
            "wajong": (25_000, YEAR, None),
            "pw_able": (30_000, YEAR, None),
            "pw_disabled": (50_000, YEAR, None),
            "wsw": (50_000, YEAR, None),
            "activity": (1_000, "day_maximum", None),
            "sw_services": (None, COST, None),
        },
    ),
    "haaglanden-zhc-2023-07": (
        "https://www.denhaag.nl/nl/ondernemen/zaken-doen-met-de-gemeente/social-return-bouwblokken/",
        {
            "none": (5_000, YEAR, 12),
            "youth_no_qual": (10_000, YEAR, 12),
            "intern_mbo_hbo": (5_000, YEAR, 12),
            "intern_vso_pro": (7_500, YEAR, 24),
            "bbl_le2": (25_000, YEAR, 24),
            "bbl_ge3": (15_000, YEAR, 36),
            "ww": (20_000, YEAR, 12),
            "wia": (30_000, YEAR, 24),
            "pw": (40_000, YEAR, 24),
            "banenafspraak": (50_000, YEAR, None),
        },
    ),
    "harlingen": (
        "https://www.harlingen.nl/vormen-van-invulling-social-return",
        {
            "pw_lt2": (35_000, YEAR, 24),
            "pw_gt2": (40_000, YEAR, 24),
            "ww_3m_1y": (15_000, YEAR, 24),
            "ww_gt1": (20_000, YEAR, 24),
            "wia_wao": (35_000, YEAR, 24),
            "wajong_banenafspraak": (40_000, YEAR, None),
            "wep": (7_500, YEAR, 24),
            "bbl_new": (15_000, YEAR, 24),
            "bbl_existing": (10_000, YEAR, 24),
            "internship_1_2": (5_000, YEAR, 24),
            "internship_3_4_hbo": (2_500, YEAR, 24),
            "sw_subcontract": (None, COST, None),
            "training": (None, COST, None),
            "custom": (None, "agreement", None),
        },
    ),
    "oost-nederland-v05-2023-04": (
        "https://impactoost.nl/bouwblokken",
        {
            "pw_lt2": (30_000, YEAR, 24),
            "pw_gt2": (40_000, YEAR, 24),
            "register": (40_000, YEAR, None),
            "ww_lt1": (10_000, YEAR, 12),
            "ww_gt1": (15_000, YEAR, 12),
            "nug": (10_000, YEAR, 12),
            "wep": (750, "month", None),
            "bbl_1_2": (20_000, PERSON, None),
        },
    ),
    "handreiking-2025": (
        "https://citydealimpactondernemen.nl/",
        {
            "support": (50_000, PERSON, 12),
            "support_lasting": (50_000, PERSON, None),
            "education": (20_000, PERSON, None),
            "purchase": (None, COST, None),
            "project_hours": (175, "hour", None),
        },
    ),
    "oost-nederland-2026": (
        LIST,
        {
            "pw": (45_000, YEAR, 24),
            "register": (50_000, YEAR, None),
            "ww": (20_000, YEAR, 12),
            "nug": (15_000, YEAR, 12),
            "wep": (750, "month", None),
            "bbl_1_2": (25_000, PERSON, None),
            "bbl_3_4": (15_000, PERSON, None),
            "bol_1_2": (10_000, PERIOD, None),
            "bol_3_4": (5_000, PERIOD, None),
            "hbo_wo": (5_000, PERIOD, None),
            "vso_pro": (15_000, PERIOD, None),
            "vso_pro_hire": (25_000, PIECE, None),
            "social_purchase": (None, COST, None),
            "pso_purchase": (None, COST, None),
            "mvo": (125, "hour", None),
        },
    ),
    "oost-nederland-2023-all-rows": (
        OLDER_LIST,
        {
            "pw_lt2": (30_000, YEAR, 24),
            "pw_gt2": (40_000, YEAR, 24),
            "register": (40_000, YEAR, None),
            "ww_lt1": (10_000, YEAR, 12),
            "ww_gt1": (15_000, YEAR, 12),
            "nug": (10_000, YEAR, 12),
            "wep": (750, "month", None),
            "bbl_1_2": (20_000, PERSON, None),
            "bbl_3_4": (15_000, PERSON, None),
            "bol_1_2": (7_500, PERIOD, None),
            "bol_3_4": (5_000, PERIOD, None),
            "hbo_wo": (5_000, PERIOD, None),
            "vso_pro": (5_000, PERIOD, None),
            "vso_pro_hire": (25_000, PIECE, None),
            "social_purchase": (None, COST, None),
            "pso_purchase": (None, COST, None),
            "mvo": (100, "hour", None),
        },
    ),
    "amersfoort-stad-2026": (
        LIST,
        {
            "pw": (40_000, YEAR, None),
            "register": (50_000, YEAR, None),
            "wia": (40_000, YEAR, None),
            "ww": (20_000, YEAR, None),
            "nug": (10_000, YEAR, None),
            "bbl_3_4": (25_000, YEAR, None),
            "bbl_1_2": (35_000, YEAR, None),
            "bol_3_4": (10_000, YEAR, None),
            "bol_low": (20_000, YEAR, None),
            "activity": (100, "hour", None),
        },
    ),
    "amersfoort-regio-2026": (
        LIST,
        {
            "pw": (40_000, YEAR, None),
            "register": (50_000, YEAR, None),
            "sheltered": (60_000, YEAR, None),
            "ww": (20_000, YEAR, None),
            "nug": (10_000, YEAR, None),
            "wep": (10_000, UNSAID, None),
            "practice": (2_500, UNSAID, None),
            "bbl_3_4": (25_000, YEAR, None),
            "bbl_1_2": (35_000, YEAR, None),
            "bol_3_4": (10_000, UNSAID, None),
            "hbo_wo": (5_000, UNSAID, None),
            "bol_low": (20_000, UNSAID, None),
            "map_b1": (2_000, PIECE, None),
            "map_z": (4_000, PIECE, None),
            "taster": (100, PIECE, None),
            "activation": (100, "hour", None),
        },
    ),
    "provincie-noord-holland-2026": (
        LIST,
        {
            "pw_lt2": (40_000, YEAR, None),
            "pw_gt2": (45_000, YEAR, None),
            "register": (50_000, YEAR, None),
            "ww_lt1": (20_000, YEAR, 36),
            "ww_gt1": (30_000, YEAR, 36),
            "nug": (25_000, YEAR, 36),
            "hbo_wo_disabled": (10_000, YEAR, None),
            "bbl_1_2": (20_000, PERSON, None),
            "bbl_3_4": (15_000, PERSON, None),
            "bol_1_2": (10_000, PIECE, None),
            "bol_3_4": (7_500, PIECE, None),
            "vso_pro": (15_000, PIECE, None),
            "activity_work": (250, "hour", None),
            "activity_poverty": (250, "hour", None),
            "impact": (None, "agreement", None),
            "social_purchase": (None, COST, None),
        },
    ),
    "rijnmond-2024": (
        LIST,
        {
            "pw": (50_000, YEAR, 36),
            "register": (50_000, YEAR, None),
            "ww": (25_000, YEAR, 24),
            "nug": (15_000, YEAR, 24),
            "learning": (None, UNSAID, None),
            "social_purchase": (None, COST, None),
            "activity": (150, "hour", None),
            "social_investment": (None, "agreement", None),
            "open_impact": (None, "agreement", None),
        },
    ),
    "groningen-3.0-2025": (
        LIST,
        {
            "wep": (75, "hour", 3),
            "language": (75, "hour", 3),
            "practice": (17_500, YEAR, None),
            "jobcoaching": (25, "hour", None),
            "guest": (100, "hour", None),
            "event": (1_250, "part_day", None),
            "language_training": (10_000, UNSAID, None),
            "taal_werkt": (1_000, UNSAID, None),
            "social_purchase": (None, COST, None),
            "catering": (None, COST, None),
        },
    ),
    "kempen-2012": (
        "https://lokaleregelgeving.overheid.nl/CVDR209482/?",
        {"wage_cost": (None, COST, None)},
    ),
}

_UTRECHT_ROWS = {
    *("pw_lt2", "pw_gt2", "ww_lt1", "ww_gt1", "wia_wao", "banenafspraak", "wsw_inzet"),
}
_PLACEMENTS_V2 = {"pw", "banenafspraak", "wia_wao", "ww", "nug"}
_PLACEMENTS_LEIDEN = {
    *("none_able", "none_disabled", "ww", "wia", "wajong", "pw_able", "pw_disabled", "wsw"),
}
_PLACEMENTS_HARLINGEN = {
    *("pw_lt2", "pw_gt2", "ww_3m_1y", "ww_gt1", "wia_wao", "wajong_banenafspraak"),
}
_PLACEMENTS_OOST = {"pw", "register", "ww", "nug", "vso_pro_hire"}
_PLACEMENTS_OOST_2023 = {
    *("pw_lt2", "pw_gt2", "register", "ww_lt1", "ww_gt1", "nug", "vso_pro_hire"),
}
_PLACEMENTS_STAD = {"pw", "register", "wia", "ww", "nug"}
_PLACEMENTS_REGIO = {"pw", "register", "sheltered", "ww", "nug"}
_PLACEMENTS_PROVINCE = {"pw_lt2", "pw_gt2", "register", "ww_lt1", "ww_gt1", "nug"}
_ALL_PROVINCE = set(BLOCKS["provincie-noord-holland-2026"][1])
_PLACEMENTS_RIJNMOND = {"pw", "register", "ww", "nug"}
_ALL_HAAGLANDEN = set(BLOCKS["haaglanden-zhc-2023-07"][1])

#: Scheme: its bonuses, each with the rows it is for.
BONUSES: dict[str, dict[str, tuple[int | None, set[str]]]] = {
    "utrecht-36h-v1": {
        "permanent": (10_000, _UTRECHT_ROWS),
        "age50": (5_000, _UTRECHT_ROWS),
    },
    "utrecht-36h-v2": {
        "age50": (10_000, _PLACEMENTS_V2),
        "status_holder_language": (10_000, _PLACEMENTS_V2),
        "permanent": (10_000, _PLACEMENTS_V2),
    },
    "leiden-2023-09": {
        "age55": (15_000, _PLACEMENTS_LEIDEN),
        "pro_vso_hire": (10_000, {"pro_vso"}),
    },
    "haaglanden-zhc-2023-07": {
        "age55": (10_000, _ALL_HAAGLANDEN),
        "training": (None, _ALL_HAAGLANDEN),
        "vso_pro_hire": (25_000, {"intern_vso_pro"}),
        "disability_ips": (10_000, _ALL_HAAGLANDEN),
    },
    "harlingen": {
        "age50": (5_000, _PLACEMENTS_HARLINGEN),
        "age55": (7_500, _PLACEMENTS_HARLINGEN),
    },
    "oost-nederland-2026": {
        "age50": (5_000, _PLACEMENTS_OOST),
        "special": (5_000, _PLACEMENTS_OOST),
        "permanent": (10_000, _PLACEMENTS_OOST),
    },
    "oost-nederland-2023-all-rows": {
        "age50": (5_000, _PLACEMENTS_OOST_2023),
        "special": (5_000, _PLACEMENTS_OOST_2023),
        "permanent": (10_000, _PLACEMENTS_OOST_2023),
    },
    "rijnmond-2024": {
        "permanent": (None, _PLACEMENTS_RIJNMOND),
        "age56": (5_000, _PLACEMENTS_RIJNMOND),
    },
    "amersfoort-stad-2026": {
        "status": (10_000, _PLACEMENTS_STAD),
        "permanent": (10_000, _PLACEMENTS_STAD),
    },
    "amersfoort-regio-2026": {
        "status": (10_000, _PLACEMENTS_REGIO),
        "age50": (10_000, _PLACEMENTS_REGIO),
        "permanent": (10_000, _PLACEMENTS_REGIO),
    },
    "provincie-noord-holland-2026": {
        "age50": (5_000, _PLACEMENTS_PROVINCE),
        "status": (15_000, _PLACEMENTS_PROVINCE),
        "permanent": (10_000, _PLACEMENTS_PROVINCE),
        "guidance": (None, _ALL_PROVINCE),
    },
}

#: Scheme: the bonuses that the source gives once, whatever the duration and the hours.
ONCE: dict[str, set[str]] = {
    "rijnmond-2024": {"permanent"},
    "oost-nederland-2026": {"permanent"},
    "oost-nederland-2023-all-rows": {"permanent"},
    "amersfoort-stad-2026": {"status", "permanent"},
    "amersfoort-regio-2026": {"status", "age50", "permanent"},
    "provincie-noord-holland-2026": {"age50", "status", "permanent"},
}

#: Scheme, block: the certificates of a supplier that count, each with its percentage.
OWN_CERTIFICATES: dict[tuple[str, str], dict[str, int]] = {
    ("oost-nederland-2026", "social_purchase"): {"sw_company": 100, "code": 100, "pso_30plus": 100},
    ("oost-nederland-2026", "pso_purchase"): {"pso_1": 10, "pso_2": 20, "pso_3": 30},
    ("oost-nederland-2023-all-rows", "pso_purchase"): {
        "pso_1": 10,
        "pso_2": 20,
        "pso_3": 30,
        "pso_30plus": 30,
    },
}

#: Scheme, cap: its share of the obligation, and the blocks that share it.
SHARES: dict[tuple[str, str], tuple[int, set[str]]] = {
    ("oost-nederland-2026", "pso_purchase"): (50, {"pso_purchase"}),
    ("rijnmond-2024", "social_investment"): (25, {"social_investment"}),
    ("rijnmond-2024", "open_impact"): (10, {"open_impact"}),
}

_STEPS: dict[str, int | None] = {"pso_1": 10, "pso_2": 25, "pso_3": 50, "pso_30plus": 100}
#: Scheme: what each certificate of the contractor takes off the obligation; `None` is not known.
DISCOUNTS: dict[str, dict[str, int | None]] = {
    "av-regio": {"pso": None},
    "tilburg-corporaties-2017": {"pso_2": 100, "pso_3": 100, "pso_30plus": 100},
    "oost-nederland-2026": {**_STEPS, "sw_company": 100, "code": 100, "werkpakt": 50},
    "oost-nederland-2023-all-rows": _STEPS,
    "provincie-noord-holland-2026": _STEPS,
}

#: Scheme: the pages with rules that are not the client's own, but somebody else's.
SECONDARY: dict[str, set[str]] = {
    "rijnmond-2024": {LIST},
    "groningen-3.0-2025": {LIST},
    "oost-nederland-2026": {LIST},
    "oost-nederland-2023-all-rows": {OLDER_LIST},
    "amersfoort-stad-2026": {LIST},
    "amersfoort-regio-2026": {LIST},
    "provincie-noord-holland-2026": {LIST},
}

#: Scheme: what else bears on a value.
TIME: dict[str, dict[str, Any]] = {
    "utrecht-36h-v1": {"weekly_hours": 36_00},
    "utrecht-36h-v2": {"weekly_hours": 36_00},
    "leiden-2023-09": {
        "weekly_hours": 36_00,
        "valid_from": date(2023, 9, 1),
        "selected_by": "publication",
    },
    "haaglanden-zhc-2023-07": {
        "weekly_hours": 36_00,
        "default_max_months": 12,
        "look_back_months": 12,
        "valid_from": date(2023, 7, 1),
        "selected_by": "contract",
    },
    "harlingen": {
        "weekly_hours": 36_00,
        "default_max_months": 24,
        "gap_months": 6,
        "limit_counted_in": "worked_time",
    },
    "oost-nederland-v05-2023-04": {"weekly_hours": 36_00, "valid_from": date(2023, 4, 1)},
    "oost-nederland-2023-all-rows": {"weekly_hours": 36_00},
    "rijnmond-2024": {"weekly_hours": 40_00},
    "handreiking-2025": {"valid_from": date(2025, 10, 14), "standing": "proposal"},
    "bloemendaal-2019": {
        "valid_from": date(2021, 5, 21),
        "retroactive_to": date(2019, 9, 1),
    },
    "haarlem-2021": {"valid_from": date(2021, 4, 1)},
    "kempen-2012": {
        "valid_from": date(2012, 5, 29),
        "valid_to": date(2018, 6, 8),
        "retroactive_to": date(2011, 6, 7),
    },
    "noord-holland-noord-2013": {"valid_from": date(2013, 4, 3)},
    "noord-nederland-2022": {"valid_from": date(2022, 1, 1), "selected_by": "award"},
    "noordoost-brabant-3.0": {"valid_from": date(2020, 5, 1)},
    "rijk": {"valid_from": date(2011, 7, 1)},
    "sudwest-fryslan": {
        "default_max_months": 24,
        "gap_months": 6,
        "limit_counted_in": "worked_time",
        "day_count": "worked_hours",
    },
    "tilburg-corporaties-2017": {
        "valid_from": date(2017, 1, 1),
        "selected_by": "contract",
        "default_max_months": 24,
    },
    "veenendaal-2013": {"valid_from": date(2013, 6, 1)},
}

#: Scheme, category, client: from which euros, and whether the contract must be above it.
#: The words on the pages: "boven", "meer dan" are above; "vanaf", "minimumbedrag" are not.
THRESHOLDS: list[tuple[str, str, str | None, int | None, bool]] = [
    ("bloemendaal-2019", "works", None, 200_000, False),  # vanaf
    ("bloemendaal-2019", "services", None, 200_000, False),  # vanaf
    ("bloemendaal-2019", "supplies", None, None, False),
    ("haaglanden-zhc-2023-07", "services", "Delft", None, False),
    ("heerde-werkbaanoost", "works", None, 250_000, True),  # boven
    ("katwijk", "works", None, None, False),
    ("kempen-2012", "supplies", None, 193_000, False),
    ("lekstroom", "services", None, 100_000, False),
    ("oost-nederland-v05-2023-04", "works", None, 200_000, False),
    ("provincie-noord-holland", "works", None, 150_000, False),
    ("provincie-noord-holland", "services", None, 214_000, False),
    ("provincie-noord-holland-2026", "hire", None, 150_000, False),
    ("rijk", "works", None, 250_000, False),
    ("rijk", "services", None, 250_000, False),
    ("rijk", "supplies", None, None, False),
    ("schiedam", "services", None, 125_000, False),  # minimumbedrag
    ("schiedam", "supplies", None, 125_000, False),  # minimumbedrag
    ("schiedam", "works", None, 225_000, False),  # minimumbedrag
    ("twente-hof-van-twente", "services", None, 100_000, False),
    ("twente-hof-van-twente", "works", None, 100_000, False),
    ("veenendaal-2013", "works", None, 200_000, False),
]

#: Scheme: its percentages by key; `None` is a rule for a person.
PERCENTAGES: dict[str, dict[str, tuple[int | None, str]]] = {
    "amersfoort": {"large": (5, "contract_sum")},
    "amsterdam": {"all": (5, "contract_sum")},
    "bloemendaal-2019": {
        "works": (5, "contract_sum"),
        "services": (5, "contract_sum"),
        "supplies": (5, "contract_sum"),
    },
    "haaglanden-zhc-2023-07": {
        "den_haag": (5, "contract_sum"),
        "rijswijk": (5, "contract_sum"),
        "leidschendam_voorburg": (5, "contract_sum"),
        "leidschendam_voorburg_little_labour": (2, "contract_sum"),
    },
    "heerde-werkbaanoost": {
        "sum": (5, "contract_sum"),
        "wages_heerde": (5, "wage_sum"),
        "wages_werkbaan_oost": (7, "wage_sum"),
    },
    "katwijk": {"standard": (5, "contract_sum"), "large_supply": (7, "wage_sum")},
    "kempen-2012": {"all": (5, "contract_sum")},
    "lekstroom": {"all": (5, "contract_sum")},
    "noord-holland-noord-2013": {"all": (5, "contract_sum")},
    "oost-nederland-v05-2023-04": {"zwolle": (None, "turnover")},
    "provincie-noord-brabant": {"all": (5, "contract_sum")},
    "provincie-noord-holland-2026": {"all": (5, "contract_sum")},
    "rijk": {"sum": (5, "contract_sum"), "wages": (7, "wage_sum")},
    "rotterdam-rijnmond": {"all": (5, "contract_sum")},
    "schiedam": {"all": (5, "contract_sum")},
    "sudwest-fryslan": {"minimum": (2, "contract_sum"), "offered": (None, "contract_sum")},
    "tilburg-corporaties-2017": {
        "sum": (5, "contract_sum"),
        "wages": (7, "wage_sum"),
        "large": (None, "contract_sum"),
    },
    "twente-hof-van-twente": {"standard": (5, "contract_sum"), "works": (None, "contract_sum")},
    "veenendaal-2013": {"all": (5, "contract_sum")},
}

#: Scheme: what is due, from which moment, in how many days, and whether those are working days.
DEADLINES: dict[str, list[tuple[str, int | None, bool]]] = {
    "amersfoort": [("award", 7, False)],
    "amsterdam": [("award", 7, False)],
    "harlingen": [("bid", None, False), ("award", None, False)],
    "kempen-2012": [("bid", None, False)],
    "nissewaard": [("final_award", 7, False)],
    "provincie-noord-holland": [("final_award", 7, True)],
    "provincie-noord-holland-2026": [("award", 7, True)],
    "schiedam": [("bid", None, False), ("completion", None, False)],
    "sudwest-fryslan": [("bid", None, False)],
}

#: Scheme: what a shortfall leads to; the factor in hundredths.
SANCTIONS: dict[str, list[tuple[str, int | None]]] = {
    "amsterdam": [("fine", None)],
    "eindhoven": [("fine", None)],
    "harlingen": [("withholding", 100)],
    "noordoost-brabant-3.0": [("fine", 150)],
    "rijnmond-2024": [("fine", 125)],
    "veenendaal-2013": [("buy_out", None)],
}

WITHOUT_FIGURES = {
    *("av-regio", "breda-2016", "midden-holland-krimpenerwaard-2023", "west-brabant-d6-2020"),
    "zaanstreek-waterland-2020",
}
