"""Digest of the code of a rule: its script, and every module of this package that it imports, at any depth.

Snakemake sees a change of a rule's script and none of what the script imports; with this digest in its params a rule
runs again.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
FRAME = "workflow.job"  # runs every script, and computes nothing


@cache
def code_digest(script: str | Path, *records: str) -> str:
    """Twelve hexadecimal digits that change with the code of a rule.

    Parameters
    ----------
    script : path
        The rule's script.
    *records : str
        What else decides what the rule writes: the records of its outputs.
    """
    content = Path(script).read_bytes()
    files = sorted(itertools.chain.from_iterable(_files(name) for name in reachable(content.decode("utf-8"))))
    parts = [content, *(path.read_bytes() for path in files), *(record.encode("utf-8") for record in records)]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def reachable(source: str) -> set[str]:
    """Modules of the package that code imports, at any depth, by their names in the package.

    The packages that hold a module are among them, for Python runs them first; the whole package's own `__init__`
    and the frame of all jobs are not.
    """
    names: set[str] = set()
    left = list(imports(source))
    while left:
        name = left.pop()
        if name not in names and name != FRAME:
            names.add(name)
            left += _imports_of(name)
    return names


@cache
def _imports_of(name: str) -> tuple[str, ...]:
    path = _path(name)
    folder = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return tuple(imports(path.read_text(encoding="utf-8"), folder))


def imports(source: str, folder: str = "") -> Iterator[str]:
    """Modules of the package that code imports when it runs, not those for type checkers alone.

    Parameters
    ----------
    source : str
        Python code.
    folder : str
        Name of the package that holds it, in this package; relative imports start there.
    """
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = f"{PACKAGE.name}.{folder}".rstrip(".").split(".")
            base = ".".join([*above[: len(above) + 1 - node.level], *filter(None, [node.module])])
            base = base if node.level else node.module
            named = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in named:
            yield from _modules(name)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes, without the bodies of `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from itertools.chain.from_iterable(map(_running, child.orelse))
        else:
            yield from _running(child)


def _modules(name: str) -> Iterator[str]:
    """A dotted name as a module of this package, after the packages that hold it; nothing for other names."""
    top, *parts = name.split(".")
    if top == PACKAGE.name and parts and _path(".".join(parts)):
        yield from (".".join(parts[:n]) for n in range(1, len(parts) + 1))


@cache
def _path(name: str) -> Path | None:
    path = PACKAGE.joinpath(*name.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def _files(name: str) -> Iterator[Path]:
    """A module's file; for a package also the data that stand in it, such as templates."""
    path = _path(name)
    yield path
    if path.name == "__init__.py":
        yield from _data(path.parent)


def _data(folder: Path) -> Iterator[Path]:
    """Files of a package that are no code, in its folder and in those below it that are no packages."""
    for path in folder.iterdir():
        if path.is_dir() and not (path / "__init__.py").is_file() and path.name != "__pycache__":
            yield from _data(path)
        elif path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path
