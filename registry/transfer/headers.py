"""Where the names of the columns stand in a sheet, and which column each is. It reads no value."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.transfer.aliases import IGNORED, folded
from registry.transfer.columns import BY_NAME
from registry.transfer.delimited import HEADER_WITHIN
from registry.transfer.mapping import ColumnMapping, Headers
from registry.transfer.problems import Hint, ImportRefused, Problem, shown
from registry.transfer.sheets import Sheet, is_filled

_GROUP_ROWS = 2  # merged cells above the names: "Coordinates" over "latitude" and "longitude"

# A sheet of these needs no camera and no area: papers and desks.
_STAND_ALONE = frozenset({"contractor", "contract", "contact", "assignment"})


@dataclass(frozen=True, slots=True)
class Header:
    """`names`: the column of each position, empty where it is left out; `row`: its last."""

    row: int
    names: tuple[str, ...]
    titles: dict[str, str]
    hints: tuple[Hint, ...]


def find_header(sheet: Sheet, mapping: ColumnMapping, headers: Headers) -> Header:
    """Raises `ImportRefused` if there is none, or none that says what is needed."""
    last, block = _block(sheet, mapping, headers)
    cells = [block.cell(position) for position in range(block.width)]
    names = [block.name(position) for position in range(block.width)]
    problems = list(_problems(last, names, cells, mapping, sheet.needs))
    if problems:
        raise ImportRefused(problems)
    left_out = [cell for cell, name in zip(cells, names, strict=True) if cell and name is None]
    text = f"left out, as the mapping does not name them: {shown(', '.join(left_out))}"
    return Header(
        last,
        tuple(name or IGNORED for name in names),
        _titles(cells, names),
        (Hint(last + 1, "", text),) if left_out else (),
    )


def header_names(sheet: Sheet, mapping: ColumnMapping, headers: Headers) -> dict[str, str]:
    """What each cell of the header is taken for; empty where nobody knows it."""
    _, block = _block(sheet, mapping, headers)
    positions = range(block.width)
    return {block.cell(at): block.name(at) or IGNORED for at in positions if block.cell(at)}


def _block(sheet: Sheet, mapping: ColumnMapping, headers: Headers) -> tuple[int, _Block]:
    first = _row(sheet, mapping, headers)
    last = first
    while last + 1 < len(sheet.rows) and _belongs(sheet.rows[last + 1], sheet.rows[first], headers):
        last += 1
    rows = sheet.rows[max(first - _GROUP_ROWS, 0) : last + 1]
    return last, _Block(rows, last - first + 1, headers)


def _belongs(record: list[str], header: list[str], headers: Headers) -> bool:
    """A second row of names, below groups that are merged over them."""
    filled = [cell for cell in record if cell.strip()]
    if not filled or is_repeated(record, header):
        return False
    return all(headers.column(cell) is not None for cell in filled)


class _Block:
    """The rows of a header, and those above it where a group's name may stand."""

    def __init__(self, rows: list[list[str]], own: int, headers: Headers) -> None:
        self._own = [row for row in reversed(rows[-own:])]
        self._above = [row for row in reversed(rows[:-own])]
        self._headers = headers
        self.width = max(map(len, self._own))

    def cell(self, position: int) -> str:
        """A cell merged with those above it keeps its text in the topmost."""
        texts = (_shown_name(row[position]) for row in self._own if position < len(row))
        return next((text for text in texts if text), "")

    def name(self, position: int) -> str | None:
        """None: nobody knows what stands there; empty: nothing stands there."""
        if cell := self.cell(position):
            return self._headers.column(cell)
        above = (row[position] for row in self._above if position < len(row))
        known = (self._headers.column(cell) for cell in above)
        return next((name for name in known if name), IGNORED)


def _row(sheet: Sheet, mapping: ColumnMapping, headers: Headers) -> int:
    if mapping.header_row is not None:
        if not any(map(is_filled, sheet.rows[mapping.header_row - 1 : mapping.header_row])):
            seen = Problem(mapping.header_row, "", "", "the header that the mapping says is here")
            raise ImportRefused([seen])
        return mapping.header_row - 1
    first = next((at for at, row in enumerate(sheet.rows) if is_filled(row)), 0)
    best = max(
        range(min(len(sheet.rows), HEADER_WITHIN)),
        key=lambda at: (headers.known(sheet.rows[at]), -at),
        default=first,
    )
    if not sheet.rows or not headers.known(sheet.rows[best]):
        seen_row = sheet.rows[first] if sheet.rows else []
        expected = "the names of the columns, camera first"
        raise ImportRefused([Problem(first + 1, "", shown(", ".join(seen_row)), expected)])
    return best


def _shown_name(cell: str) -> str:
    return " ".join(cell.split()).strip('"').strip()


def _problems(
    row: int,
    names: Sequence[str | None],
    cells: Sequence[str],
    mapping: ColumnMapping,
    needs: Sequence[str],
) -> Iterator[Problem]:
    for position, (name, cell) in enumerate(zip(names, cells, strict=True)):
        if name is None and not mapping.is_made:
            near = difflib.get_close_matches(cell.lower(), BY_NAME, n=1)
            expected = f"{near[0]!r}, perhaps" if near else "a column named in docs/import.md"
            yield Problem(row + 1, f"column {position + 1}", shown(cell), expected)
        elif name and name in names[:position]:
            yield Problem(row + 1, name, shown(cell), "each column once")
    said = {*names, *mapping.constants}
    if said & _STAND_ALONE or "device_address" in said:
        return
    for needed in needs:
        if needed not in said:
            yield Problem(row + 1, needed, "", f"a column named {needed!r}")


def _titles(cells: Sequence[str], names: Sequence[str | None]) -> dict[str, str]:
    """Only where the file calls a column otherwise than this project does."""
    said = ((name, cell) for name, cell in zip(names, cells, strict=True) if name and cell)
    return {name: shown(title) for name, title in said if title.lower() != name}


def is_repeated(record: Sequence[str], header: Sequence[str]) -> bool:
    """The header once more: printed tables repeat it on every page."""
    told = [(cell, title) for cell, title in zip(record, header, strict=False) if cell.strip()]
    return len(told) > 1 and all(folded(cell) == folded(title) for cell, title in told)


def is_numbering(record: Sequence[str]) -> bool:
    """The row `1 2 3 4` that official tables have below their header."""
    told = [cell.strip() for cell in record if cell.strip()]
    return len(told) >= 3 and told == [str(number) for number in range(1, len(told) + 1)]
