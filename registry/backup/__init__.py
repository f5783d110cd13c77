"""A copy of the whole registry in one file, and back. It blocks: from a loop, use a thread."""

from registry.backup.archive import BackupRefused, Manifest
from registry.backup.making import back_up
from registry.backup.restoring import restore_backup

__all__ = ["BackupRefused", "Manifest", "back_up", "restore_backup"]
