"""What the audit log calls a deed, as people read it. What is logged is the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.web.words import Both

DEEDS: Final[Mapping[str, Both]] = {
    "login.good": Both("signed in", "вход"),
    "login.bad": Both("sign-in refused", "неудачный вход"),
    "session.opened": Both("session opened", "сеанс открыт"),
    "session.closed": Both("session ended", "сеанс завершён"),
    "frame.viewed": Both("picture viewed", "просмотр кадра"),
    "addresses.viewed": Both("addresses viewed", "просмотр адресов"),
    "look.asked": Both("look asked for", "запрос проверки"),
    "registry.changed": Both("registry changed", "изменение реестра"),
    "import_planned": Both("file looked at before an import", "просмотр файла перед импортом"),
    "import": Both("file imported", "импорт файла"),
    "export": Both("cameras exported", "выгрузка камер"),
    "mapping_saved": Both("column mapping saved", "разметка столбцов сохранена"),
    "mapping_deleted": Both("column mapping deleted", "разметка столбцов удалена"),
    "mapping_renamed": Both("column mapping renamed", "разметка столбцов переименована"),
    "account.created": Both("account created", "учётная запись создана"),
    "account.changed": Both("account changed", "учётная запись изменена"),
    "account.password_changed": Both("password changed", "пароль сменён"),
    "account.signed_out": Both("all sessions ended", "все сеансы завершены"),
    "token.created": Both("token created", "токен создан"),
    "token.revoked": Both("token revoked", "токен отозван"),
    "logins_resealed": Both("camera logins resealed", "учётные данные камер перешифрованы"),
    "audit.exported": Both("audit log exported", "выгрузка журнала аудита"),
}


def deed_label(code: str, language: str) -> str:
    """What an older version logged and this one does not know is called as it was."""
    both = DEEDS.get(code)
    if both is None:
        return code
    return both.ru if language == "ru" else both.en
