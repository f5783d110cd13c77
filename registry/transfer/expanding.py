"""Rows that say much in one cell -> rows that say it in the columns of the format. It is pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from registry.changing.inventory import Inventory, What
from registry.transfer.problems import ImportRefused, Problem, shown
from registry.transfer.sheets import MAX_ROWS
from registry.transfer.table import Row, Table
from registry.transfer.templates import (
    MAX_CHANNELS,
    TEMPLATES,
    Template,
    channels_of,
    host_of,
    template_of,
)

_SHORT = ("device_address", "template", "channels")
_NUMBER = r"([-+]?\d{1,3}(?:[.,]\d+)?)"
_COORDINATES = re.compile(rf"{_NUMBER} ?°? ?[,; ] ?{_NUMBER} ?°?")  # of one space at a time


def expanded(table: Table) -> Table:
    """Coordinates in one cell are split; a template makes a row of each channel and stream."""
    rows: list[Row] = []
    problems = list(table.problems)
    for row in table.rows:
        problem = _split_coordinates(row)
        if problem is None and any(name in row.said for name in _SHORT):
            made = _from_template(row)
            problem = made if isinstance(made, Problem) else None
            rows += made if isinstance(made, list) else []
        else:
            rows.append(row)
        if problem is not None:
            problems.append(problem)
        if len(rows) > MAX_ROWS:
            raise ImportRefused([Problem(row.number, "channels", "", f"at most {MAX_ROWS} rows")])
    return dataclasses.replace(table, rows=tuple(rows), problems=tuple(problems))


def at_known_sites(table: Table, known: Inventory) -> Table:
    """Coordinates on a row that names no site are those of the site its camera stands at."""
    rows = tuple(_at_known_site(row, known) for row in table.rows)
    return dataclasses.replace(table, rows=rows)


def _at_known_site(row: Row, known: Inventory) -> Row:
    if "site" in row.said or not {"latitude", "longitude"} & row.said.keys():
        return row
    camera = known.records[What.CAMERA].get((row.said.get("camera") or "",))
    site = getattr(camera, "site", None)
    return row if site is None else Row(row.number, row.said | {"site": site})


def _split_coordinates(row: Row) -> Problem | None:
    text = row.said.pop("coordinates", None)
    if text is None:
        return None
    found = _COORDINATES.fullmatch(" ".join(text.split()))
    if found is None:
        expected = "latitude and longitude, such as 43.2567, 76.9286"
        return Problem(row.number, "coordinates", shown(text), expected)
    row.said.setdefault("latitude", found[1])
    row.said.setdefault("longitude", found[2])
    return None


def _from_template(row: Row) -> list[Row] | Problem:
    address, name, channels = (row.said.pop(each, None) or "" for each in _SHORT)
    host = host_of(address)
    if host is None:
        expected = "a host name or address, perhaps with a port, for the template"
        return Problem(row.number, "device_address", shown(address), expected)
    template = template_of(name)
    if template is None:
        expected = f"one of {', '.join(TEMPLATES)}, or a path such as /live/{{channel}}/{{stream}}"
        return Problem(row.number, "template", shown(name), expected)
    numbers = channels_of(channels or "1")
    if numbers is None:
        expected = f"channels such as 1-16 or 1,3,5 (at most {MAX_CHANNELS})"
        return Problem(row.number, "channels", shown(channels), expected)
    return list(_rows(row, template, address, host, numbers))


def _rows(
    row: Row, template: Template, address: str, host: str, channels: list[int]
) -> Iterator[Row]:
    """Several channels behind one address are a recorder's."""
    stem = row.said.get("camera") or address.strip("[]").replace("]:", ":").replace(":", ".")
    recorded = _recorder(row, stem, host) if len(channels) > 1 else {}
    for channel in channels:
        said = row.said | recorded
        if recorded:
            said["camera"] = f"{stem}-{channel:02}"
            if name := row.said.get("camera_name"):
                said["camera_name"] = f"{name} {channel}"
        else:
            said["camera"] = stem
        for feed in template.streams:
            url = template.url(address, channel, feed)
            yield Row(row.number, said | {"feed": feed, "url": url})


def _recorder(row: Row, stem: str, host: str) -> dict[str, str | None]:
    code = row.said.get("recorder") or stem
    return {
        "recorder": code,
        "recorder_name": row.said.get("recorder_name") or code,
        "recorder_host": host,
        "hop": row.said.get("hop") or "recorder",
    }
