"""Every word that people on duty can meet is English, Russian, Kazakh; all catalogues are whole."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from enum import StrEnum
from importlib import resources

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from registry import vocabulary
from registry.api.fields import changed_model, created_model
from registry.api.standing import Standing
from registry.changing.inventory import RECORDS, What
from registry.vocabulary import CameraKind, DeliveryState, Reason
from registry.web.deeds import DEEDS, deed_label
from registry.web.facts import FIELDS, field_label, value_label
from registry.web.hints import HINTED, hint
from registry.web.languages import catalogue, day, number, span
from registry.web.words import LABELS, LANGUAGES, label, state_label
from tests.conftest import PROJECT_ROOT

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
OURS = ("ru", "kk")  # written in Cyrillic
# Spelt alike in every language.
TECHNICAL = {"TLS", "OPTIONS", "DESCRIBE", "SETUP", "PLAY", "H.264", "H.265", "MJPEG", "MPEG-4"}
TECHNICAL |= {"TCP", "UDP", "MAC", "URL", "Asia/Almaty"}

CLOSED = [
    member
    for member in vars(vocabulary).values()
    if isinstance(member, type) and issubclass(member, StrEnum) and member is not StrEnum
]


def is_said(text: str) -> bool:
    return bool(CYRILLIC.search(text)) or text in TECHNICAL


@pytest.mark.parametrize("closed", [*CLOSED, Standing, What], ids=lambda closed: closed.__name__)
def test_every_closed_word_has_a_name_in_each_language(closed: type[StrEnum]):
    if closed is Reason:
        return
    assert set(LABELS[closed]) == {word.value for word in closed}
    for word in closed:
        assert label(word, "en")
        assert not CYRILLIC.search(label(word, "en"))
        assert all(is_said(label(word, language)) for language in OURS), word


def test_every_reason_has_a_name_in_each_language():
    for reason in Reason:
        assert len({label(reason, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_every_field_of_every_object_has_a_name_in_each_language():
    fields = {each.name for kind in RECORDS.values() for each in dataclasses.fields(kind)}

    assert fields <= set(FIELDS)  # forms add their own
    for name in FIELDS:
        assert not CYRILLIC.search(field_label(name, "en"))
        assert all(is_said(field_label(name, language)) for language in OURS), name


@pytest.mark.parametrize(
    ("what", "name", "value", "expected"),
    [
        (What.CAMERA, "kind", "doorway", label(CameraKind.DOORWAY, "ru")),
        (What.AREA, "kind", "district", "район"),
        (What.CAMERA, "kind", "of an older version", "of an older version"),
        (What.FEED, "expected_codec", "h265", "H.265"),
        (What.ASSIGNMENT, "hops", ["camera", "relay"], "камера, ретранслятор"),
        (What.CAMERA, "snapshots", False, "нет"),
        (What.CREDENTIAL, "login", "changed", "изменено"),
        (What.SITE, "latitude", 45.5, "45.5"),
        (What.SITE, "latitude", None, ""),
    ],
)
def test_a_value_is_said_in_words_where_there_are_any(
    what: What, name: str, value: object, expected: str
):
    assert value_label(what, name, value, "ru") == expected


def test_every_state_of_a_timeline_has_a_name():
    for state in (*DeliveryState, *vocabulary.FeedState, Standing.NOT_MEASURED):
        assert state_label(state.value, "en")
        assert all(CYRILLIC.search(state_label(state.value, language)) for language in OURS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_every_text_of_the_templates(language: str):
    web = resources.files("registry.web")
    options = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
    found = extract_from_dir(
        str(web),
        method_map=[("templates/**.html", "jinja2")],
        options_map={"templates/**.html": options},
    )
    file = web / "locales" / language / "LC_MESSAGES" / "camreach.po"
    with file.open("rb") as po:
        catalogue = read_po(po, locale=language)

    for _, _, message, _, _ in found:
        translated = catalogue.get(message)
        assert translated is not None, message
        strings = translated.string
        assert strings, message
        assert isinstance(strings, str) or all(strings), message
        assert not list(translated.check(catalogue)), message


def test_every_deed_of_the_audit_log_has_a_name_in_each_language():
    recorded = re.compile(r'(?:audit|_?record|_once_an_hour)\([^()]*?"([a-z_.]+)"')
    files = [*(PROJECT_ROOT / "registry").rglob("*.py"), *(PROJECT_ROOT / "monitor").rglob("*.py")]
    deeds = {name for file in files for name in recorded.findall(file.read_text("utf-8"))}

    assert len(deeds) > 10
    for deed in deeds | set(DEEDS):
        assert deed_label(deed, "en") != deed
        assert all(CYRILLIC.search(deed_label(deed, language)) for language in OURS)


def test_every_hint_stands_below_a_field_and_is_said_in_each_language():
    models = {what: (created_model(what), changed_model(what)) for what in What}
    fields = {
        what: {name for each in both for name in each.model_fields} for what, both in models.items()
    }
    told = {
        (what, name) for what, names in fields.items() for name in names if hint(what, name, "en")
    }

    assert {name for _, name in told} >= HINTED
    for what, name in told:
        assert not CYRILLIC.search(hint(what, name, "en"))
        assert all(is_said(hint(what, name, language)) for language in OURS), (what, name)


@pytest.mark.parametrize(
    ("value", "digits", "en", "ours"),
    [(1234.56, 1, "1,234.6", "1\xa0234,6"), (0.5, 2, "0.50", "0,50"), (-3, 0, "-3", "-3")],
)
def test_a_figure_is_written_as_in_its_language(value: float, digits: int, en: str, ours: str):
    assert number(value, digits, language="en") == en
    assert {number(value, digits, language=language) for language in OURS} == {ours}


def test_a_day_has_its_month_as_a_word():
    said = [day(date(2026, 11, 3), language) for language in LANGUAGES]

    assert said == ["3 Nov 2026", "3 нояб. 2026", "3 қар. 2026"]


def test_kazakh_sentences_are_not_those_of_the_russian_catalogue():
    russian, kazakh = (catalogue(language)._catalog for language in OURS)
    sentences = {key: str(text) for key, text in russian.items() if str(text).count(" ") > 1}

    assert [text for key, text in sentences.items() if kazakh.get(key) == text] == []
    assert catalogue("kk").ngettext("%(num)s change", "%(num)s changes", 5) == "%(num)s өзгеріс"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 с"),
        (99.9, "99 с"),
        (100, "1 мин"),
        (5999, "99 мин"),
        (6000, "1 ч"),
        (172799, "47 ч"),
        (172800, "2 д"),
    ],
)
def test_a_length_of_time_is_said_in_one_unit(seconds: float, expected: str):
    assert span(seconds, "ru") == expected
    in_kazakh = {"с": "с", "мин": "мин", "ч": "сағ", "д": "күн"}
    amount, unit = expected.split()
    assert span(seconds, "kk") == f"{amount} {in_kazakh[unit]}"
