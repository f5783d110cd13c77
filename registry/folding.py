"""Text brought to one form before it is compared, in Python and in SQL alike. It searches nothing.

Neither database can be trusted with it: SQLite folds ASCII only, PostgreSQL as its locale says.
"""

from __future__ import annotations

import string
import unicodedata
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_NAME: Final = "camreach_fold"

# Whoever types has a Russian keyboard more often than a Kazakh one, and nobody types ё.
_PLAIN: Final = dict(zip("ёәғқңөұүһі", "еагкноуухи", strict=True))
_FOLD: Final = str.maketrans(_PLAIN)
_LETTERS: Final = string.ascii_lowercase + "абвгдежзийклмнопрстуфхцчшщъыьэюя" + "".join(_PLAIN)


def folded(text: str) -> str:
    """The form both sides of a comparison are brought to."""
    return unicodedata.normalize("NFC", text).casefold().translate(_FOLD)


class fold(FunctionElement[str]):
    """`folded` of a column, for tables that are too small to keep it."""

    type = sa.String()
    inherit_cache = True
    name = "fold"


@compiles(fold, "sqlite")
def _in_sqlite(element: fold, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_NAME}({compiler.process(element.clauses, **options)})"


@compiles(fold)
def _in_others(element: fold, compiler: SQLCompiler, **options: Any) -> str:
    seen = "".join(dict.fromkeys(_LETTERS.upper() + "".join(_PLAIN)))
    become = "".join(map(folded, seen))
    return f"translate({compiler.process(element.clauses, **options)}, '{seen}', '{become}')"
