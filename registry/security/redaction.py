"""Takes secrets out of what is about to be written down. It is the last line, not the first."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

from registry.security.secrets_in_urls import PARAMETER_NAMES

HIDDEN = "***"
MAX_DEPTH = 6

_STRUCTLOGS_OWN = frozenset({"_record", "_from_structlog", "exc_info"})

_SECRET_KEYS = frozenset(
    {
        *("authorization", "cookie", "cookies", "credential_sealed", "key_file_content", "login"),
        *("pass", "passwd", "password", "pwd", "sealed", "secret", "secrets", "token", "username"),
    }
)
_WORD = re.compile(r"\S+")
# Greedy up to the last @ of the word: a password may hold / # and @ itself (Q21).
_USER_INFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,10}://)[^\s@:]*:[^\s]*@", re.IGNORECASE)
_USER_ONLY = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,10}://)[^\s@/:]+@", re.IGNORECASE)
_PARAMETER = re.compile(
    rf"(?P<name>(?<![A-Za-z0-9])(?:{'|'.join(PARAMETER_NAMES)})=)(?!\{{)[^\s&;\"']+", re.IGNORECASE
)
_HEADER = re.compile(r"(?P<name>\b(?:proxy-)?authorization\s*:).*", re.IGNORECASE)
_SCHEME = re.compile(r"(?P<name>\b(?:basic|bearer)\s+)[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)


def redact_events(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """A structlog processor; it stands after `format_exc_info`, last before the renderer."""
    return {
        key: value if key in _STRUCTLOGS_OWN else _of_key(key, value, MAX_DEPTH)
        for key, value in event.items()
    }


def redacted(value: Any) -> Any:
    """The same value, text by text, without what looks like a secret."""
    return _redacted(value, MAX_DEPTH)


def redacted_text(text: str) -> str:
    """A list shows hundreds of addresses: what a pattern cannot do without is looked for first."""
    if "@" in text:
        text = _WORD.sub(_without_user_info, text)
    if "=" in text:
        text = _PARAMETER.sub(_hidden_after_name, text)
    if "author" in text.casefold():
        text = _HEADER.sub(rf"\g<name> {HIDDEN}", text)
    if len(text.split(None, 1)) > 1:
        text = _SCHEME.sub(_hidden_after_name, text)
    return text


def _hidden_after_name(found: re.Match[str]) -> str:
    return found["name"] + HIDDEN


def _without_user_info(word: re.Match[str]) -> str:
    """What is behind the last @ is left alone: looking for another there takes for ever."""
    said, at, rest = word[0].rpartition("@")
    said = _USER_INFO.sub(_hidden_user, said + at)
    return _USER_ONLY.sub(_hidden_user, said) + rest


def _hidden_user(found: re.Match[str]) -> str:
    return f"{found['scheme']}{HIDDEN}@"


def _of_key(key: object, value: Any, depth: int) -> Any:
    if isinstance(key, str) and key.lower() in _SECRET_KEYS and value is not None:
        return HIDDEN
    return _redacted(value, depth)


def _redacted(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redacted_text(bytes(value).decode("utf-8", "backslashreplace"))
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return redacted_text(repr(value))
    if isinstance(value, dict):
        return {key: _of_key(key, each, depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(each, depth - 1) for each in value]
    return redacted_text(str(value))
