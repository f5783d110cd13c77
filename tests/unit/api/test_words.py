"""Every word that people on duty can meet is English and Russian, and both catalogues are whole."""

from __future__ import annotations

import dataclasses
import re
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
from registry.web.languages import number, span
from registry.web.words import LABELS, LANGUAGES, label, state_label
from tests.conftest import PROJECT_ROOT

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# Spelt alike in every language.
TECHNICAL = {"TLS", "OPTIONS", "DESCRIBE", "SETUP", "PLAY", "H.264", "H.265", "MJPEG", "MPEG-4"}
TECHNICAL |= {"TCP", "UDP", "MAC", "URL", "Asia/Almaty"}

CLOSED = [
    member
    for member in vars(vocabulary).values()
    if isinstance(member, type) and issubclass(member, StrEnum) and member is not StrEnum
]


@pytest.mark.parametrize("closed", [*CLOSED, Standing, What], ids=lambda closed: closed.__name__)
def test_every_closed_word_has_both_names(closed: type[StrEnum]):
    if closed is Reason:
        return
    assert set(LABELS[closed]) == {word.value for word in closed}
    for word in closed:
        assert label(word, "en")
        assert not CYRILLIC.search(label(word, "en"))
        russian = label(word, "ru")
        assert CYRILLIC.search(russian) or russian in TECHNICAL


def test_every_reason_has_both_names():
    for reason in Reason:
        assert label(reason, "en")
        assert label(reason, "ru")


def test_every_field_of_every_object_has_both_names():
    fields = {each.name for kind in RECORDS.values() for each in dataclasses.fields(kind)}

    assert fields <= set(FIELDS)  # forms add their own
    for name in FIELDS:
        assert not CYRILLIC.search(field_label(name, "en"))
        russian = field_label(name, "ru")
        assert CYRILLIC.search(russian) or russian in TECHNICAL


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
        assert CYRILLIC.search(state_label(state.value, "ru"))


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


def test_every_deed_of_the_audit_log_has_both_names():
    recorded = re.compile(r'(?:audit|_?record|_once_an_hour)\([^()]*?"([a-z_.]+)"')
    files = [*(PROJECT_ROOT / "registry").rglob("*.py"), *(PROJECT_ROOT / "monitor").rglob("*.py")]
    deeds = {name for file in files for name in recorded.findall(file.read_text("utf-8"))}

    assert len(deeds) > 10
    for deed in deeds | set(DEEDS):
        assert deed_label(deed, "en") != deed
        assert CYRILLIC.search(deed_label(deed, "ru"))


def test_every_hint_stands_below_a_field_and_is_said_in_both_languages():
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
        russian = hint(what, name, "ru")
        assert CYRILLIC.search(russian) or russian in TECHNICAL


@pytest.mark.parametrize(
    ("value", "digits", "en", "ru"),
    [(1234.56, 1, "1,234.6", "1\xa0234,6"), (0.5, 2, "0.50", "0,50"), (-3, 0, "-3", "-3")],
)
def test_a_figure_is_written_as_in_its_language(value: float, digits: int, en: str, ru: str):
    assert number(value, digits, language="en") == en
    assert number(value, digits, language="ru") == ru


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
