"""What the audit log calls a deed, as people read it. What is logged is the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.vocabulary import Label

DEEDS: Final[Mapping[str, Label]] = {
    "login.good": Label("signed in", "вход", "кіру"),
    "login.bad": Label("sign-in refused", "неудачный вход", "сәтсіз кіру"),
    "session.opened": Label("session opened", "сеанс открыт", "сеанс ашылды"),
    "session.closed": Label("session ended", "сеанс завершён", "сеанс аяқталды"),
    "frame.viewed": Label("picture viewed", "просмотр кадра", "кадр қаралды"),
    "addresses.viewed": Label("addresses viewed", "просмотр адресов", "мекенжайлар қаралды"),
    "look.asked": Label("look asked for", "запрос проверки", "тексеру сұралды"),
    "registry.changed": Label("registry changed", "изменение реестра", "тізілім өзгертілді"),
    "import_planned": Label(
        "file looked at before an import",
        "просмотр файла перед импортом",
        "импорт алдында файл қаралды",
    ),
    "import": Label("file imported", "импорт файла", "файл импортталды"),
    "export": Label("cameras exported", "выгрузка камер", "камералар экспортталды"),
    "mapping_saved": Label(
        "column mapping saved", "разметка столбцов сохранена", "бағандар мағынасы сақталды"
    ),
    "mapping_deleted": Label(
        "column mapping deleted", "разметка столбцов удалена", "бағандар мағынасы жойылды"
    ),
    "mapping_renamed": Label(
        "column mapping renamed",
        "разметка столбцов переименована",
        "бағандар мағынасының аты өзгертілді",
    ),
    "account.created": Label("account created", "учётная запись создана", "есептік жазба жасалды"),
    "account.changed": Label(
        "account changed", "учётная запись изменена", "есептік жазба өзгертілді"
    ),
    "account.password_changed": Label("password changed", "пароль сменён", "құпиясөз ауыстырылды"),
    "account.signed_out": Label(
        "all sessions ended", "все сеансы завершены", "барлық сеанс аяқталды"
    ),
    "token.created": Label("token created", "токен создан", "токен жасалды"),
    "token.revoked": Label("token revoked", "токен отозван", "токен қайтарып алынды"),
    "logins_resealed": Label(
        "camera logins resealed",
        "учётные данные камер перешифрованы",
        "камераларға кіру деректері қайта шифрланды",
    ),
    "audit.exported": Label(
        "audit log exported", "выгрузка журнала аудита", "аудит журналы экспортталды"
    ),
}


def deed_label(code: str, language: str) -> str:
    """What an older version logged and this one does not know is called as it was."""
    known = DEEDS.get(code)
    if known is None:
        return code
    return known.said_in(language)
