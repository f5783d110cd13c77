"""The command line: arguments in, exit codes out. What the commands do lives in their rooms."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop

from monitor import commands, demo, keeping, people, transfers
from monitor.config import ConfigError, Log
from monitor.logs import set_up
from monitor.version import VERSION
from registry.sample.demo import MIN_CAMERAS
from registry.transfer import Format
from registry.vocabulary import Role, TlsPolicy, TransportPolicy

Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]

BAD_ARGUMENTS = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    set_up(Log(level=arguments.log_level or getattr(arguments, "quiet_level", "info")))
    command: Command = arguments.command
    try:
        return uvloop.run(command(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has enough. What is still buffered must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ConfigError, commands.CommandError) as error:
        print(f"camreach: {error}", file=sys.stderr)
        return BAD_ARGUMENTS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="camreach",
        description="Which camera feeds actually reach the operations center, with a fresh "
        "picture, and where each of the others breaks.",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"))
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(subparsers)
    _add_serve(subparsers)
    _add_probe(subparsers)
    _add_import(subparsers)
    _add_mapping(subparsers)
    _add_export(subparsers)
    _add_undo(subparsers)
    _add_sample(subparsers)
    _add_token(subparsers)
    people.add_to(subparsers, _add_config, _add_reach)
    _add_upkeep(subparsers)
    _add_keeping(subparsers)
    return parser


def _add_demo(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo", help="simulated fleet with scripted faults + service + page, nothing to configure"
    )
    parser.add_argument(
        "--cameras",
        type=_demo_cameras,
        default=demo.CAMERAS,
        metavar="N",
        help=f"{MIN_CAMERAS} at least (default {demo.CAMERAS})",
    )
    parser.add_argument("--port", type=_port, default=8080, metavar="P", help="default 8080")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep the database here (default: forget it)"
    )
    # Each fault would be announced in the log as it is found, and scroll the login away.
    parser.set_defaults(command=demo.run, quiet_level="warning")


def _add_serve(subparsers: Any) -> None:
    parser = subparsers.add_parser("serve", help="watch the cameras of the registry")
    _add_config(parser)
    parser.set_defaults(command=commands.serve)


def _add_probe(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "probe",
        help="look once at a URL, from this machine",
        description="Exit code: 0 seen live, 1 seen absent or poor, 2 bad arguments, "
        "3 could not look.",
    )
    parser.add_argument("url", metavar="URL")
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument("--picture", action="store_true", help="decode a keyframe and judge it")
    depth.add_argument("--measure", action="store_true", help="measure rates for 10 s")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--transport",
        type=TransportPolicy,
        choices=tuple(TransportPolicy),
        default=TransportPolicy.AUTO,
    )
    parser.add_argument(
        "--tls",
        type=TlsPolicy,
        choices=tuple(TlsPolicy),
        default=TlsPolicy.VERIFY,
        help="of rtsps:// URLs: what is asked of the certificate",
    )
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="for the whole look")
    parser.add_argument("--username", metavar="U")
    parser.add_argument("--password-file", type=Path, metavar="F")
    parser.add_argument(
        "--allow-basic", action="store_true", help="send the password readable if asked for Basic"
    )
    parser.set_defaults(command=commands.probe)


def _add_import(subparsers: Any) -> None:
    parser = subparsers.add_parser("import", help="take an inventory in; prints the plan")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="CSV or XLSX")
    parser.add_argument("--dry-run", action="store_true", help="print the plan and stop")
    parser.add_argument("--mapping", metavar="NAME", help="saved by `camreach mapping save`")
    parser.add_argument(
        "--template", metavar="VENDOR", help="in place of FILE: hikvision, dahua, ... or a path"
    )
    parser.add_argument("--addresses", metavar="A,B", help="host[:port] of each device")
    parser.add_argument("--channels", default="1", metavar="1-16", help="of each (default 1)")
    _add_meaning(parser)
    _add_config(parser)
    parser.set_defaults(command=transfers.import_)


def _add_meaning(parser: Any) -> None:
    """What the file itself does not say."""
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook with several that have data")
    parser.add_argument("--header-row", type=_count, metavar="N", help="default: found by names")
    parser.add_argument(
        "--column", type=_pair, action="append", metavar="HEADER=COLUMN", help="empty: left out"
    )
    parser.add_argument(
        "--constant", type=_pair, action="append", metavar="COLUMN=TEXT", help="for every row"
    )
    parser.add_argument(
        "--value", type=_word, action="append", metavar="COLUMN:WORD=MEANT", help="a word of theirs"
    )


def _add_mapping(subparsers: Any) -> None:
    parser = subparsers.add_parser("mapping", help="how a kind of spreadsheet is read, by name")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    save = actions.add_parser("save", help="suggest from a file's header, and keep")
    save.add_argument("name", metavar="NAME")
    save.add_argument("file", type=Path, metavar="FILE")
    _add_meaning(save)
    _add_config(save)
    save.set_defaults(command=transfers.save)
    for action, command in (("show", transfers.show), ("delete", transfers.delete)):
        each = actions.add_parser(action)
        each.add_argument("name", metavar="NAME")
        _add_config(each)
        each.set_defaults(command=command)
    listing = actions.add_parser("list")
    _add_config(listing)
    listing.set_defaults(command=transfers.list_)


def _add_undo(subparsers: Any) -> None:
    parser = subparsers.add_parser("undo", help="take a batch of the change log back")
    parser.add_argument("batch", metavar="BATCH", help="as an import or the change log names it")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and stop")
    parser.add_argument(
        "--skip-conflicts", action="store_true", help="leave what was changed since as it is"
    )
    _add_config(parser)
    parser.set_defaults(command=transfers.undo)


def _add_export(subparsers: Any) -> None:
    parser = subparsers.add_parser("export", help="write the inventory to standard output")
    parser.add_argument("--format", type=Format, choices=tuple(Format), default=Format.CSV)
    _add_config(parser)
    parser.set_defaults(command=transfers.export)


def _pair(text: str) -> tuple[str, str]:
    name, sign, said = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r}, expected two texts with = between")
    return name.strip(), said.strip()


def _word(text: str) -> tuple[str, str, str]:
    column, sign, rest = text.partition(":")
    word, meant = _pair(rest)
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r}, expected COLUMN:WORD=MEANT")
    return column.strip(), word, meant


def _add_sample(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "sample", help="write an invented region's inventory (CSV) to standard output"
    )
    parser.set_defaults(command=commands.sample)


def _add_token(subparsers: Any) -> None:
    parser = subparsers.add_parser("token", help="create, list and revoke tokens")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="print a new token, once")
    create.add_argument("--name", required=True, type=_name)
    create.add_argument(
        "--role", type=Role, choices=tuple(Role), default=Role.VIEWER, help="default viewer"
    )
    _add_reach(create)
    create.add_argument(
        "--days", type=_count, metavar="N", help="how long it holds (default: until revoked)"
    )
    _add_config(create)
    create.set_defaults(command=commands.create_token)
    listing = actions.add_parser("list", help="who holds tokens")
    _add_config(listing)
    listing.set_defaults(command=commands.list_tokens)
    revoke = actions.add_parser("revoke", help="end a token and its browser sessions")
    revoke.add_argument("key_id", metavar="ID")
    _add_config(revoke)
    revoke.set_defaults(command=commands.revoke_token)


def _add_reach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--area",
        action="append",
        default=[],
        metavar="PATH",
        help="only this area and what is below it; may be repeated",
    )
    parser.add_argument(
        "--center",
        action="append",
        default=[],
        metavar="CODE",
        help="only cameras that this center must see; may be repeated",
    )
    parser.add_argument(
        "--contractor", metavar="CODE", help="only cameras that this contractor answers for"
    )


def _add_upkeep(subparsers: Any) -> None:
    migrate = subparsers.add_parser("migrate", help="bring the database to this version's schema")
    _add_config(migrate)
    migrate.set_defaults(command=commands.migrate)
    check = subparsers.add_parser(
        "check-config", help="read the settings and say what they cost the network"
    )
    _add_config(check)
    check.set_defaults(command=commands.check_config)


def _add_keeping(subparsers: Any) -> None:
    backup = subparsers.add_parser("backup", help="write the whole registry into one file")
    backup.add_argument("file", type=Path, metavar="FILE", help="must not exist")
    backup.add_argument(
        "--with-key",
        action="store_true",
        help="the key file too: whoever has both reads all logins",
    )
    _add_config(backup)
    backup.set_defaults(command=keeping.backup)
    restore = subparsers.add_parser("restore", help="put a backup back; stop the service first")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="in place of what is there")
    _add_config(restore)
    restore.set_defaults(command=keeping.restore)
    reseal = subparsers.add_parser(
        "reseal", help="seal all logins with the first key of the key file"
    )
    _add_config(reseal)
    reseal.set_defaults(command=keeping.reseal)
    doctor = subparsers.add_parser(
        "doctor", help="what keeps this machine from watching, with the fix; changes nothing"
    )
    _add_config(doctor)
    doctor.set_defaults(command=keeping.doctor)


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML settings (default: $CAMREACH_CONFIG, else configs/camreach.toml)",
    )


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, not {text!r}")
    return number


def _demo_cameras(text: str) -> int:
    if not text.isdecimal() or int(text) < MIN_CAMERAS:
        raise argparse.ArgumentTypeError(f"expected a number of at least {MIN_CAMERAS}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port, 0 to 65535, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"expected seconds up to 3600, not {text!r}")
    return seconds


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a name to know the token by")
    return text.strip()


if __name__ == "__main__":
    sys.exit(main())
