"""Files that wait for a yes to their plan: in memory only, few, small, and not for long.

They may hold logins, so they are never written down; a restart forgets them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from registry.transfer.mapping import ColumnMapping

MAX_UPLOADS: Final = 16
MAX_KEPT_BYTES: Final = 128 * 1024 * 1024
KEPT_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Upload:
    """`plan` is the digest of the plan that was shown."""

    id: str
    who: str
    data: bytes = field(repr=False)
    mapping: ColumnMapping
    plan: str
    expires_at: datetime


class Uploads:
    """The oldest make room for new ones."""

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: dict[str, Upload] = {}

    def keep(
        self, who: str, data: bytes, mapping: ColumnMapping, plan: str, now: datetime
    ) -> Upload:
        self._forget(now, len(data))
        id_ = secrets.token_urlsafe(16)
        upload = Upload(id_, who, data, mapping, plan, now + KEPT_FOR)
        self._kept[id_] = upload
        return upload

    def find(self, id_: str, who: str, now: datetime) -> Upload | None:
        """Only for whoever brought it."""
        upload = self._kept.get(id_)
        if upload is None or upload.who != who or upload.expires_at <= now:
            return None
        return upload

    def drop(self, id_: str) -> None:
        self._kept.pop(id_, None)

    def _forget(self, now: datetime, coming: int) -> None:
        for upload in [each for each in self._kept.values() if each.expires_at <= now]:
            self.drop(upload.id)
        while self._kept and (
            len(self._kept) >= MAX_UPLOADS
            or sum(len(each.data) for each in self._kept.values()) + coming > self._max_bytes
        ):
            self.drop(next(iter(self._kept)))
