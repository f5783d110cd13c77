"""The commands that take files in and give them out. Nothing of a file's meaning is known here."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from pydantic import ValidationError

from monitor.commands import COULD_NOT, WHO, CommandError, read_file, settings_of
from monitor.wiring.registry import open_kept_registry, open_registry
from registry.changing.carrying_out import hold, write
from registry.changing.log import new_batch
from registry.changing.preview import Preview
from registry.changing.sight import everything
from registry.changing.undoing import UnknownBatch, plan_undo
from registry.clock import SystemClock
from registry.database import Database
from registry.security.audit import record
from registry.transfer import (
    NO_MAPPING,
    ColumnMapping,
    ImportRefused,
    PlanOutdated,
    apply_plan,
    export_inventory,
    plan_import,
    render_plan,
)
from registry.transfer.mappings import (
    BadMapping,
    NoSuchMapping,
    delete_mapping,
    find_mapping,
    list_mappings,
    save_mapping,
)
from registry.transfer.table import suggest
from registry.transfer.templates import template_rows
from registry.vocabulary import ChangeSource


async def import_(arguments: argparse.Namespace) -> int:
    """All rows or none."""
    settings = await settings_of(arguments)
    data = await asyncio.to_thread(_data, arguments)
    async with open_registry(settings) as (database, sealer):
        mapping = await _mapping(database, arguments)
        progress = _Progress()
        try:
            plan = await plan_import(
                database,
                data,
                sealer=sealer,
                clock=SystemClock(),
                mapping=mapping,
                progress=progress,
            )
        except ImportRefused as refused:
            progress.end()
            return _refused(arguments.file, refused)
        progress.end()
        print(render_plan(plan))
        if arguments.dry_run or plan.is_empty:
            return 0
        try:
            batch = await apply_plan(
                database, plan, sealer=sealer, who=WHO, clock=SystemClock(), progress=progress
            )
        except PlanOutdated as error:
            raise CommandError(f"{error}; import again") from error
        progress.end()
        print(f"Done. To take it back: camreach undo {batch.id}" if batch else "Done.")
    return 0


async def undo(arguments: argparse.Namespace) -> int:
    """What can be taken back, or nothing: what was changed since stays only if that is wished."""
    async with open_registry(await settings_of(arguments)) as (database, sealer):
        reason = f"undo of {arguments.batch}"
        batch = new_batch(WHO, ChangeSource.UNDO, SystemClock().now(), reason=reason)
        async with database.write() as session:
            await hold(session)
            try:
                preview = await plan_undo(session, arguments.batch, batch, sealer, everything)
            except UnknownBatch as error:
                raise CommandError(str(error)) from error
            print(_told(preview))
            if preview.conflicts and not (arguments.dry_run or arguments.skip_conflicts):
                print(
                    "camreach: nothing was changed; --skip-conflicts does the rest", file=sys.stderr
                )
                return COULD_NOT
            if arguments.dry_run or not preview.changes:
                return 0
            await write(session, preview.changes, batch, sealer, everything)
    print(f"Done. To take it back: camreach undo {batch.id}")
    return 0


def _told(preview: Preview) -> str:
    lines = [f"{len(preview.changes)} to take back, {len(preview.conflicts)} that stay"]
    for row in preview.shown(len(preview.changes)).rows:
        sign = "+" if row.before is None else "-" if row.after is None else "~"
        values = "" if sign != "~" else f": {row.before} -> {row.after}"
        lines.append(f"{sign} {row.what} {_printable(row.code)}{values}")
    lines += [f"! {e.what} {_printable(e.code)}: {e.detail}" for e in preview.conflicts]
    return "\n".join(lines)


def _printable(code: str) -> str:
    return code if code.isprintable() else repr(code)


def _data(arguments: argparse.Namespace) -> bytes:
    """The file, or the table that a template and a list of addresses stand for."""
    if arguments.template is None:
        if arguments.file is None:
            raise CommandError("a FILE, or --template with --addresses")
        return read_file(arguments.file)
    if arguments.file is not None or not arguments.addresses:
        raise CommandError("--template goes with --addresses and without FILE")
    return template_rows(arguments.template, arguments.addresses, arguments.channels)


async def _mapping(database: Database, arguments: argparse.Namespace) -> ColumnMapping:
    mapping = NO_MAPPING
    if arguments.mapping is not None:
        try:
            async with database.read() as session:
                mapping = await find_mapping(session, arguments.mapping)
        except NoSuchMapping as error:
            raise CommandError(str(error)) from error
    return _with_said(mapping, arguments)


def _with_said(mapping: ColumnMapping, arguments: argparse.Namespace) -> ColumnMapping:
    """What was typed goes before what was saved."""
    values = {column: dict(words) for column, words in mapping.values.items()}
    for column, word, meant in arguments.value or ():
        values.setdefault(column, {})[word] = meant
    try:
        return ColumnMapping(
            columns=mapping.columns | dict(arguments.column or ()),
            constants=mapping.constants | dict(arguments.constant or ()),
            values=values,
            header_row=arguments.header_row or mapping.header_row,
            sheet=arguments.sheet or mapping.sheet,
        )
    except ValidationError as error:
        said = "; ".join(each["msg"] for each in error.errors(include_context=False))
        raise CommandError(f"mapping: {said}") from error


def _refused(path: Path | None, refused: ImportRefused) -> int:
    for problem in refused.problems:
        print(problem, file=sys.stderr)
    count = len(refused.problems)
    what = path or "the addresses"
    print(f"camreach: {what}: {count} problems, nothing was changed", file=sys.stderr)
    return COULD_NOT


async def export(arguments: argparse.Namespace) -> int:
    async with open_kept_registry(await settings_of(arguments)) as (database, _):
        await export_inventory(
            database, sys.stdout.buffer, arguments.format, who=WHO, clock=SystemClock()
        )
    return 0


async def save(arguments: argparse.Namespace) -> int:
    """Suggested from the file's header, corrected by what was typed, kept by name."""
    data = await asyncio.to_thread(read_file, arguments.file)
    said = _with_said(NO_MAPPING, arguments)
    try:
        mapping = await asyncio.to_thread(suggest, data, said)
    except ImportRefused as refused:
        return _refused(arguments.file, refused)
    now = SystemClock().now()
    async with open_registry(await settings_of(arguments)) as (database, _):
        try:
            async with database.write() as session:
                await save_mapping(session, arguments.name, mapping, WHO, now)
                await record(session, WHO, "mapping_saved", arguments.name, {}, now)
        except BadMapping as error:
            raise CommandError(str(error)) from error
    _print(mapping)
    return 0


async def show(arguments: argparse.Namespace) -> int:
    async with (
        open_kept_registry(await settings_of(arguments)) as (database, _),
        database.read() as session,
    ):
        try:
            _print(await find_mapping(session, arguments.name))
        except NoSuchMapping as error:
            raise CommandError(str(error)) from error
    return 0


async def list_(arguments: argparse.Namespace) -> int:
    async with (
        open_kept_registry(await settings_of(arguments)) as (database, _),
        database.read() as session,
    ):
        for mapping in await list_mappings(session):
            print(f"{mapping.name}: {mapping.changed_at:%Y-%m-%d}, {mapping.changed_by}")
    return 0


async def delete(arguments: argparse.Namespace) -> int:
    now = SystemClock().now()
    async with open_kept_registry(await settings_of(arguments)) as (database, _):
        try:
            async with database.write() as session:
                await delete_mapping(session, arguments.name)
                await record(session, WHO, "mapping_deleted", arguments.name, {}, now)
        except NoSuchMapping as error:
            raise CommandError(str(error)) from error
    return 0


def _print(mapping: ColumnMapping) -> None:
    for header, column in mapping.columns.items():
        print(f"{header!r} -> {column or '(left out)'}")
    for column, text in mapping.constants.items():
        print(f"{column} is {text!r} where a row says nothing")
    for column, words in mapping.values.items():
        for word, meant in words.items():
            print(f"{column}: {word!r} is {meant!r}")
    if mapping.header_row is not None:
        print(f"header in row {mapping.header_row}")
    if mapping.sheet is not None:
        print(f"sheet {mapping.sheet!r}")


class _Progress:
    """One line on standard error that keeps moving; plain lines where there is no terminal."""

    def __init__(self) -> None:
        self._shown = ""
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        line = f"{what}: {done} of {total}"
        if self._live:
            print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
        elif done == total and line != self._shown:
            print(line, file=sys.stderr)
        self._shown = line

    def end(self) -> None:
        if self._live and self._shown:
            print(file=sys.stderr)
        self._shown = ""
