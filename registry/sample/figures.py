"""The figures that regions publish, and the question to the API that gives each of them.

The docs print this table and a test asks every question of the sample. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.sample.fleet import (
    BODY_CAMERAS,
    CARS,
    DOORWAYS,
    OFFICERS_WITHOUT_ONE,
    SYSTEMS_IN_THE_CITY,
    VIEWS_OF_A_CAR,
)
from registry.sample.names import CITY, DISTRICTS

STREETS_SHOWN: Final = sum(district.streets for district in DISTRICTS)
_USED: Final = "installed,in_service,suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`keys` picks a row of the answer by its keys; without any it is the whole."""

    statement: str
    query: str
    counts: Mapping[str, int]
    keys: tuple[str, ...] = ()
    note: str = ""


FIGURES: Final = (
    Figure(
        statement="968 street cameras are displayed in the duty units of the region",
        query=f"kind=street&lifecycle={_USED}&by=center_kind",
        keys=("duty_unit",),
        counts={"cameras": STREETS_SHOWN, "deliveries": STREETS_SHOWN},
        note="displayed is a delivery to a duty unit; planned cameras are not",
    ),
    Figure(
        statement="871 video surveillance systems in the regional center",
        query=f"area={CITY}",
        counts={"systems": SYSTEMS_IN_THE_CITY},
        note="a system is one owner's installation: no camera, and no site",
    ),
    Figure(
        statement="338 doorway cameras are stored by the telecom operator",
        query="kind=doorway&by=state",
        keys=("no_center",),
        counts={"cameras": DOORWAYS, "deliveries": 0, "recorders": 1},
        note="stored is not displayed: no center has to have them",
    ),
    Figure(
        statement="over 800 body cameras",
        query="kind=body&by=lifecycle",
        keys=("in_service",),
        counts={"cameras": BODY_CAMERAS},
    ),
    Figure(
        statement="100 % of the contact staff is to be equipped by the end of the year",
        query="kind=body&by=lifecycle",
        keys=("planned",),
        counts={"cameras": OFFICERS_WITHOUT_ONE},
        note="still to be equipped; the share equipped is in_service of both together: "
        f"{BODY_CAMERAS / (BODY_CAMERAS + OFFICERS_WITHOUT_ONE):.1%}",
    ),
    Figure(
        statement="about 140 in-car recorders",
        query="kind=in_car",
        counts={"recorders": CARS, "cameras": CARS * len(VIEWS_OF_A_CAR)},
        note="one recorder has several views: 140 recorders are not 140 cameras",
    ),
    *(
        Figure(
            statement=f"{name} still to be brought into the operations center",
            query="kind=facility&lifecycle=planned&by=sector",
            keys=(sector,),
            counts={"systems": systems, "sites": systems},
            note="the funnel: agreed, not connected",
        )
        for sector, name, systems in (
            ("mall", "malls", 72),
            ("entertainment", "entertainment sites", 72),
            ("education", "education sites", 72),
            ("healthcare", "healthcare sites", 71),
        )
    ),
)
