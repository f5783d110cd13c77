"""Persons who carry cameras are external ids at most: the schema has no place for their names."""

from __future__ import annotations

from registry.models import Base

# Columns called `name` that name no person who carries anything.
_NAMES_OF_THINGS = {
    "account",  # who signs in
    "api_token",
    "area",
    "camera",
    "center",
    "contact",  # a desk or a post
    "contractor",
    "feed",
    "import_mapping",
    "program",
    "recorder",
    "site",
    "system",
    "vantage",
}
_PERSONAL = ("person", "holder", "officer", "surname", "patronymic", "birth", "badge", "iin")


def test_no_column_is_for_a_person():
    tables = Base.metadata.tables.values()
    personal = {
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if any(word in column.name for word in _PERSONAL)
    }

    assert personal == set()
    assert {table.name for table in tables if "name" in table.columns} == _NAMES_OF_THINGS
