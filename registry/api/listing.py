"""One list and one single read, for any class of the registry. It knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from registry.api.care import begun
from registry.api.paging import LARGEST_ID, Code, Page, Paged, code_after, cursor_at, id_after
from registry.api.problems import Problem
from registry.api.routing import Call, Nothing, Route, Strict, Tagged
from registry.api.standing import Moment, Row, Select
from registry.api.tags import Shape, tag_of, tag_of_list
from registry.database import current_revision
from registry.models import Base
from registry.security.access import Access
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import Role

ShapeT = TypeVar("ShapeT", bound=Shape)
QueryT = TypeVar("QueryT", bound=Paged)
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """At which moment somebody reads, and whether he sees what technicians need."""

    moment: Moment
    technical: bool
    only_open: bool = False  # of outages: a contractor mends, and reports on none
    reach: Reach = EVERYTHING

    @classmethod
    def of(cls, call: Call[Any, Any, Any]) -> Reader:
        caller = call.caller
        technical, only_open = caller.may(Role.OPERATOR), caller.role is Role.CONTRACTOR
        return cls(Moment.of(call.serving), technical, only_open, caller.reach)

    def begun(self, time: ColumnElement[Any]) -> ColumnElement[Any]:
        """As far as it is his to know since when."""
        return begun(time, self.reach, self.moment.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[ShapeT, QueryT]):
    """How one class of objects is told. `rows` selects what `shows` has fields for; `told` makes it
    of a row where that is not all.
    """

    one: str
    many: str  # in the address and in cursors
    model: type[Base]  # what the caller's reach is judged by
    key: InstrumentedAttribute[Any]  # unique: its order is the order of the list
    rows: Select | Callable[[Reader], Select]
    shows: type[ShapeT]
    told: Callable[[Row, Reader], ShapeT] | None = None
    filters: Callable[[QueryT, Reader], list[Condition]]
    newest_first: bool = False
    observed: bool = False  # tells what is observed too, which no revision covers

    async def page(self, call: Call[Any, QueryT, Nothing]) -> Tagged:
        query, reader = call.query, Reader.of(call)
        async with call.serving.database.read() as session:
            tag = await self._tag(session, call)
            if tag is not None and call.holds(tag):
                return Tagged(None, tag)
            rows = await self._rows(session, query, reader, call.within(self.model))
        shown = rows[: query.limit]
        last = getattr(shown[-1], "list_key") if len(rows) > len(shown) else None  # noqa: B009
        items = [self._told(row, reader) for row in shown]
        page = Page(items=items, next=None if last is None else cursor_at(self.many, last))
        return Tagged(page, tag)

    async def one_of(
        self, session: AsyncSession, where: Condition, visible: Condition, reader: Reader
    ) -> ShapeT | None:
        """None for what is not there, and for what is out of reach: nobody can tell them apart."""
        row = (await session.execute(self._select(reader).where(where, visible))).one_or_none()
        return None if row is None else self._told(row, reader)

    async def read(self, call: Call[Any, Any, Nothing], where: Condition, name: str) -> Tagged:
        async with call.serving.database.read() as session:
            found = await self.one_of(session, where, call.within(self.model), Reader.of(call))
        if found is None:
            raise Problem(404, f"there is no {self.one} {name!r}")
        return Tagged(found, tag_of(found), only_for_changes=self.observed)

    async def _tag(self, session: AsyncSession, call: Call[Any, QueryT, Nothing]) -> str | None:
        caller = call.caller
        if self.observed or any(step.contractor is not None for step in caller.reach):
            return None  # an assignment ends without any write
        asked = (self.many, caller.role.value, repr(caller.reach), call.query.model_dump_json())
        return tag_of_list(await current_revision(session), *asked)

    async def _rows(
        self, session: AsyncSession, query: QueryT, reader: Reader, visible: Condition
    ) -> list[Row]:
        statement = self._select(reader).add_columns(self.key.label("list_key"))
        statement = statement.where(visible, *self.filters(query, reader), *self._after(query))
        order = self.key.desc() if self.newest_first else self.key.asc()
        return list((await session.execute(statement.order_by(order).limit(query.limit + 1))).all())

    def _select(self, reader: Reader) -> Select:
        return self.rows if isinstance(self.rows, sa.Select) else self.rows(reader)

    def _told(self, row: Row, reader: Reader) -> ShapeT:
        return self.shows.of_row(row) if self.told is None else self.told(row, reader)

    def _after(self, query: QueryT) -> list[Condition]:
        is_id = self.key.type.python_type is int
        after = (id_after if is_id else code_after)(self.many, query.cursor)
        if after is None:
            return []
        return [self.key < after if self.newest_first else self.key > after]


class CodePath(Strict):
    code: Code


class IdPath(Strict):
    id: int = Field(ge=1, le=LARGEST_ID)


def list_route(
    listing: Listing[Any, Any],
    query: type[Paged],
    page: type[Page[Any]],
    access: Access = Access.READ,
) -> Route:
    title = "".join(part.capitalize() for part in listing.many.split("-"))
    return Route(
        method="GET",
        path=f"/api/v1/{listing.many}",
        name=f"list{title}",
        tag=listing.many,
        summary=f"{listing.many.capitalize().replace('-', ' ')}, page by page",
        access=access,
        handler=listing.page,
        query_model=query,
        answers=page,
    )


def read_route(
    listing: Listing[Any, Any],
    *,
    path: str = "/api/v1/{many}/{{code}}",
    path_model: type[Strict] = CodePath,
    where: Callable[[Any], tuple[Condition, str]] | None = None,
    access: Access = Access.READ,
) -> Route:
    """`where` makes a condition and a name to say of the path; by the list's own key if none."""

    async def read(call: Call[Any, Any, Nothing]) -> Tagged:
        if where is not None:
            return await listing.read(call, *where(call.path))
        (key,) = call.path.model_dump().values()
        return await listing.read(call, listing.key == key, str(key))

    title = "".join(part.capitalize() for part in listing.one.split(" "))
    return Route(
        method="GET",
        path=path.format(many=listing.many),
        name=f"get{title}",
        tag=listing.many,
        summary=f"One {listing.one}",
        access=access,
        handler=read,
        path_model=path_model,
        answers=listing.shows,
        problems=(404,),
    )
