"""The page docs/api-access.md: every route and page with who may call it, made of their rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.http import MACHINES
from registry.api.setup import ROUTES
from registry.security.access import RULES, Access
from registry.vocabulary import Role
from registry.web.setup import PAGES

Row = tuple[str, str, Access]  # method, path, rule

_INTRO: Final = """\
# Who may call what

<!-- Made from the routes by `python -m docs.generate`. Do not edit. -->

`yes`: may call it, and sees what is within his reach. `own`: within the cameras that his
contractor answers for now. `all`: only without limits by area, center or contractor. What lies
outside a reach is left out of lists and counts, and is answered with 404 like what does not exist.
A role that may not is answered with 403, a stranger with 401. Metrics are also open to loopback
and to `metrics.allow_networks`.

What each rule of the table means:

"""


def access_page() -> str:
    api = [("GET", "/openapi.json", Access.OPEN)]
    api += [(route.method, route.path, route.access) for route in ROUTES]
    pages = [(page.method, page.path, page.access) for page in PAGES]
    machines = [("GET", path, access) for path, (access, _) in MACHINES.items()]
    rules = "\n".join(f"- `{access.value}`: {rule.says}" for access, rule in RULES.items())
    sections = (("REST", api), ("Pages", pages), ("Metrics and health", machines))
    tables = (f"\n## {title}\n\n{_table(rows)}\n" for title, rows in sections)
    return f"{_INTRO}{rules}\n{''.join(tables)}"


def _table(rows: Sequence[Row]) -> str:
    head = ["", "rule", *(role.value for role in Role), "nobody"]
    lines = [head, ["---"] * len(head), *map(_line, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(row: Row) -> list[str]:
    method, path, access = row
    answers = [_answer(access, role) for role in Role]
    stranger = "yes" if access is Access.OPEN else ""
    return [f"`{method} {path}`", access.value, *answers, stranger]


def _answer(access: Access, role: Role) -> str:
    rule = RULES[access]
    if role not in rule.roles:
        return ""
    if rule.whole:
        return "all"
    return "own" if access in (Access.OWN, Access.MEND) and role is Role.CONTRACTOR else "yes"
