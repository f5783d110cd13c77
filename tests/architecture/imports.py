"""Reads Python sources into the few facts that the walls are about. Runs none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BROAD = {"Exception", "BaseException"}
MUTABLE_MAKERS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter"}


@dataclass(frozen=True, slots=True)
class Import:
    """`imported` is the full dotted name, also of a name taken out of a module."""

    importer: str
    imported: str
    line: int
    at_import_time: bool  # not inside a function, not only for the type checker

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    tree: ast.Module

    @classmethod
    def parse(cls, name: str, source: str) -> Module:
        return cls(name, ast.parse(source))

    def imports(self) -> Iterator[Import]:
        yield from self._imports_in(self.tree, at_import_time=True)

    def _imports_in(self, node: ast.AST, *, at_import_time: bool) -> Iterator[Import]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(self.name, alias.name, node.lineno, at_import_time)
            case ast.ImportFrom(module=module, names=names, level=level):
                # Ruff's TID rules could ban these; the project writes none, so none are resolved.
                base = "<relative>" if level else str(module)
                for alias in names:
                    yield Import(self.name, f"{base}.{alias.name}", node.lineno, at_import_time)
            case _:
                deferred = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                deferred = deferred or _is_type_checking(node)
                for child in ast.iter_child_nodes(node):
                    yield from self._imports_in(
                        child, at_import_time=at_import_time and not deferred
                    )

    def broad_excepts(self) -> Iterator[tuple[str, int]]:
        """(qualified function name, line) of each handler that takes everything and keeps it."""
        yield from _broad_excepts_in(self.tree, self.name)

    def mutable_state(self) -> Iterator[tuple[str, int]]:
        """What code could change at module level: `global`, and containers not in CAPITALS."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Global):
                yield ", ".join(node.names), node.lineno
        for statement in self.tree.body:
            for target, value in _assignments(statement):
                is_constant = target.isupper() or target.startswith("__")
                if not is_constant and _is_mutable(value):
                    yield target, statement.lineno


def read_modules(root: Path, packages: tuple[str, ...]) -> Mapping[str, Module]:
    modules = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules[name] = Module.parse(name, path.read_text(encoding="utf-8"))
    return modules


def is_within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def loads(modules: Mapping[str, Module], heavy: tuple[str, ...]) -> dict[str, Import]:
    """Modules whose mere import brings in `heavy`, each with the import through which it does."""
    at_import = {
        name: [each for each in module.imports() if each.at_import_time]
        for name, module in modules.items()
    }
    loading: dict[str, Import] = {}
    grew = True
    while grew:
        grew = False
        for name, imports in at_import.items():
            guilty = next((i for i in imports if _brings(i.imported, heavy, loading)), None)
            if guilty is not None and name not in loading:
                loading[name] = guilty
                grew = True
    return loading


def _brings(imported: str, heavy: tuple[str, ...], loading: Mapping[str, Import]) -> bool:
    """Importing a.b.c runs a, a.b and, if it is a module, a.b.c."""
    parts = imported.split(".")
    runs = (".".join(parts[: i + 1]) for i in range(len(parts)))
    return is_within(imported, *heavy) or any(name in loading for name in runs)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _broad_excepts_in(node: ast.AST, qualname: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from _broad_excepts_in(child, f"{qualname}.{name}")
            case ast.ClassDef(name=name):
                yield from _broad_excepts_in(child, f"{qualname}.{name}")
            case ast.ExceptHandler(type=kind) if _is_broad(kind) and not _raises_again(child):
                yield qualname, child.lineno
                yield from _broad_excepts_in(child, qualname)
            case ast.Call(func=func, args=args) if _name(func) == "suppress":
                if any(_is_broad(each) for each in args):
                    yield qualname, child.lineno
            case _:
                yield from _broad_excepts_in(child, qualname)


def _is_broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(each) for each in kind.elts)
    return kind is None or _name(kind) in BROAD


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name(value)
        case _:
            return ""


def _assignments(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case _:
            pass


def _is_mutable(value: ast.expr) -> bool:
    containers = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    makes_one = isinstance(value, ast.Call) and _name(value.func) in MUTABLE_MAKERS
    return isinstance(value, containers) or makes_one
