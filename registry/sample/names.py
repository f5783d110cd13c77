"""The places of an invented region. Nothing here names a place that exists."""

from __future__ import annotations

from dataclasses import dataclass

from registry.vocabulary import AreaKind

REGION = "zhetykol"
REGION_NAME = "Жетікөл облысы"
CITY = f"{REGION}/akterek"
TIME_ZONE = "Asia/Almaty"


@dataclass(frozen=True, slots=True)
class District:
    """A part of the region with its duty unit; `latitude`, `longitude` are near its middle."""

    slug: str
    name: str
    kind: AreaKind
    latitude: float
    longitude: float
    streets: int  # street cameras in it

    @property
    def path(self) -> str:
        return f"{REGION}/{self.slug}"

    @property
    def duty_unit(self) -> str:
        return f"duty-{self.slug}"


# 968 street cameras in all, as the region of the source counts them.
DISTRICTS = (
    District("akterek", "Актерек қаласы", AreaKind.CITY, 45.62, 77.91, 430),
    District("boztobe", "Бозтөбе ауданы", AreaKind.DISTRICT, 45.97, 78.64, 96),
    District("karabulak-dala", "Қарабұлақ-Дала ауданы", AreaKind.DISTRICT, 45.11, 77.22, 88),
    District("saryshygan", "Сарышыған ауданы", AreaKind.DISTRICT, 46.31, 77.40, 81),
    District("tasotkel", "Тасөткел ауданы", AreaKind.DISTRICT, 45.40, 79.12, 77),
    District("ushkopir", "Үшкөпір ауданы", AreaKind.DISTRICT, 44.93, 78.35, 74),
    District("koksai", "Көксай ауданы", AreaKind.DISTRICT, 46.05, 76.73, 66),
    District("zhalgyztal", "Жалғызтал ауданы", AreaKind.DISTRICT, 45.55, 76.40, 56),
)
STREETS = (
    "улица Степная",
    "улица Тополиная",
    "улица Родниковая",
    "Көктем көшесі",
    "Жағалау көшесі",
    "Алма бағы көшесі",
    "проспект Каналов",
    "улица Мельничная",
    "Құмбел көшесі",
    "улица Заречная",
    "Бөген көшесі",
    "улица Складская",
    "Тұлпар көшесі",
    "переулок Гончарный",
    "улица Паромная",
    "Қайнар көшесі",
)
THIRD_PARTIES = {
    "mall": ("ТРЦ", ("Караван-Сити", "Жетікөл Плаза", "Арай Молл", "Базар-1", "Меридиан")),
    "entertainment": ("ЦД", ("Арена-Көл", "Кинотеатр Сұңқар", "Ледовый дворец", "Парк Самал")),
    "education": ("Школа", ("№ 1", "№ 4", "№ 7", "№ 11", "Лицей Білім", "Колледж транспорта")),
    "healthcare": ("ГКП", ("Поликлиника № 2", "Поликлиника № 5", "Больница", "Роддом")),
}
