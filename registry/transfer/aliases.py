"""What spreadsheets call columns and words, in English, Russian and Kazakh. It reads no file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.transfer.columns import COLUMNS

IGNORED: Final = ""  # what a column is mapped to that nobody needs

_BETWEEN_WORDS = re.compile(r"[\W_]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")

_OF_COLUMNS: Final[Mapping[str, str]] = {
    "camera": "код камеры|код видеокамеры|id камеры|идентификатор камеры|идентификатор"
    "|номер камеры|№ камеры|инвентарный номер|инв №|камера|камера коды|код",
    "camera_name": "наименование камеры|название камеры|наименование видеокамеры|имя камеры"
    "|камера атауы|камераның атауы",
    "kind": "вид камеры|тип камеры|вид|категория камеры|камера түрі",
    "importance": "важность|приоритет|маңыздылығы",
    "lifecycle": "жизненный цикл|состояние|статус|күйі",
    "lifecycle_note": "причина|примечание к состоянию",
    "area": "путь района|код района|код территории|территория|аумақ",
    "area_name": "район|наименование района|город район|область|аудан|ауданы",
    "time_zone": "часовой пояс|уақыт белдеуі",
    "site": "код объекта|номер объекта|код адреса|нысан коды",
    "site_name": "объект|наименование объекта|название объекта|место установки|нысан|нысан атауы",
    "address": "адрес|адрес установки|адрес объекта|местонахождение|улица|мекенжай|мекенжайы",
    "sector": "сектор|тип объекта|вид объекта|категория объекта|нысан түрі",
    "latitude": "широта|lat|y|ендік|координаты широта|широта n",
    "longitude": "долгота|lon|lng|long|x|бойлық|координаты долгота|долгота e",
    "coordinates": "координаты|gps|gps координаты|геолокация|координаттар",
    "system": "код системы|система видеонаблюдения",
    "system_name": "наименование системы|название системы",
    "system_owner": "собственник|владелец|балансодержатель|меншік иесі",
    "recorder": "код регистратора|регистратор|nvr|видеорегистратор|тіркеуші",
    "recorder_name": "наименование регистратора|название регистратора",
    "recorder_host": "ip регистратора|адрес регистратора|ip nvr",
    "program": "код программы|программа|проект|бағдарлама",
    "program_name": "наименование программы|название проекта",
    "serial": "серийный номер|сер №|зав №|заводской номер|s/n|sn|серийный №|сериялық нөмірі",
    "mac": "mac адрес|мак адрес|мак",
    "vendor": "производитель|вендор|марка|бренд|өндіруші",
    "model": "модель|модель камеры|тип оборудования|үлгісі",
    "firmware": "прошивка|версия прошивки|версия по|fw",
    "installed_from": "дата установки|дата монтажа|установлена|введена|дата ввода|орнатылған күні",
    "azimuth": "azimuth degrees|азимут|направление|азимут град|бағыты",
    "view": "view degrees|угол обзора|угол обзора град|сектор обзора|fov|шолу бұрышы",
    "range_m": "дальность|дальность м|дальность обзора",
    "feed": "поток|имя потока|ағын",
    "url": "rtsp|ссылка|ссылка rtsp|rtsp ссылка|адрес потока|url потока|сілтеме",
    "taken_from": "из потока|источник",
    "delivers_to": "код центра|центр|куда выведена|цоу|орталық",
    "center_name": "наименование центра|название центра|орталық атауы",
    "username": "логин|имя пользователя|пользователь|login|user",
    "password": "пароль|құпиясөз",
    "codec": "кодек|сжатие",
    "width": "ширина|ширина кадра",
    "height": "высота|высота кадра",
    "fps": "кадров в секунду|к/с|частота кадров",
    "device_address": "ip|ip адрес|ip адрес камеры|ip address|ip камеры|сетевой адрес|ip мекенжайы",
    "template": "шаблон|шаблон ссылки",
    "channels": "каналы|канал|номер канала|арналар",
    "contractor": "код подрядчика|бин|бин подрядчика|мердігер коды",
    "contractor_name": "подрядчик|наименование подрядчика|обслуживающая организация|мердігер",
    "contract": "договор|номер договора|№ договора|контракт|келісімшарт",
    "contract_title": "предмет договора|наименование договора",
    "contract_from": "дата договора|начало договора|договор с",
    "contract_to": "окончание договора|договор до|срок действия",
    "contact": "контакт|контактное лицо|кому звонить|байланыс",
    "contact_duty": "режим работы|часы работы|жұмыс уақыты",
    "contact_phone": "телефон|тел|контактный телефон|номер телефона",
    "contact_email": "email|e-mail|эл почта|электронная почта|почта",
    IGNORED: "№|n|№ п/п|№ пп|п/п|нп|no|№ р/с|р/с|р/с №|примечание|примечания|комментарий|ескерту",
}

_OF_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {
        "street": "уличная|улица|көше",
        "yard": "дворовая|двор|аула",
        "doorway": "подъездная|подъезд|кіреберіс",
        "facility": "объектовая|объект|нысан",
        "body": "нательная|носимый видеорегистратор|жетон",
        "in_car": "автомобильная|в автомобиле|авто|көлікте",
    },
    "importance": {"normal": "обычная|қалыпты", "high": "высокая|важная|жоғары"},
    "lifecycle": {
        "planned": "планируется|план|проект|жоспарланған",
        "installed": "установлена|смонтирована|орнатылған",
        "in_service": "в эксплуатации|эксплуатируется|работает|действует|пайдалануда",
        "suspended": "приостановлена|отключена|на ремонте|тоқтатылған",
        "retired": "списана|демонтирована|выведена из эксплуатации|есептен шығарылған",
    },
    "area_kind": {"region": "область|облыс", "city": "город|қала", "district": "район|аудан"},
    "sector": {
        "street": "улица|көше",
        "yard": "двор|аула",
        "doorway": "подъезд|кіреберіс",
        "mall": "торговля|торговый центр|трц|тц|рынок|базар|сауда",
        "entertainment": "развлечения|досуг|ойын-сауық",
        "education": "образование|школа|детский сад|мектеп|білім",
        "healthcare": "здравоохранение|больница|поликлиника|денсаулық",
        "transport": "транспорт|вокзал|остановка|көлік",
        "police": "полиция|мвд",
        "call_point": "пункт вызова|кнопка вызова|гражданин-полиция",
    },
    "center_kind": {
        "operations_center": "цоу|центр оперативного управления",
        "mini_center": "мини цоу|миницоу",
        "duty_unit": "дежурная часть|дч",
        "precinct_point": "упп|участковый пункт полиции",
    },
}


def folded(text: str) -> str:
    """Names and words in the form in which they are compared: case, dashes and line ends gone."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().replace("ё", "е")
    return _BETWEEN_WORDS.sub(" ", text).strip()


def _columns() -> dict[str, str]:
    known = {
        folded(alias): column for column, said in _OF_COLUMNS.items() for alias in said.split("|")
    }
    return known | {folded(column.name): column.name for column in COLUMNS}


def _words() -> dict[str, Mapping[str, str]]:
    return {
        column: MappingProxyType(
            {folded(alias): word for word, said in words.items() for alias in said.split("|")}
        )
        for column, words in _OF_WORDS.items()
    }


COLUMN_OF: Final[Mapping[str, str]] = MappingProxyType(_columns())
WORD_OF: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(_words())
