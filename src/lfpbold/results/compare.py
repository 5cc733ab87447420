"""Two results side by side: settings, versions and code that differ, and every row of every table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from ..derivatives import files as io, layout
from . import specification
from ..workflow import provenance
from ..study import settings as config
from ..errors import InputError

# Columns that name a row. In some tables others name it too (`keys` of their records), which elsewhere are results.
LABELS = (
    *("sub", "ses", "run", "state", "site", "variant", "band", "bands", "removal", "test", "measure", "family"),
    *("voxels", "level", "pair", "map", "method", "state_a", "state_b", "choice", "network", "target", "contrast"),
)
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Cell:
    """One number (or word) that differs: where it stands, both values, and their difference (b − a)."""

    table: str
    labels: dict
    column: str
    a: object
    b: object
    difference: float
    size: float  # of the difference, as a fraction of the column's largest absolute value


@dataclass(frozen=True)
class Table:
    """What became of one table."""

    name: str
    rows: int = 0
    cells: list = field(default_factory=list)  # that differ: estimates before limits and p, the largest first
    only_a: list = field(default_factory=list)  # labels of rows
    only_b: list = field(default_factory=list)
    columns_a: list = field(default_factory=list)  # that the other version does not have
    columns_b: list = field(default_factory=list)
    missing: str = ""  # `a` or `b` where one has no such table


@dataclass(frozen=True)
class Comparison:
    """What differs between two variants."""

    a: str
    b: str
    settings: list  # (key, value in a, value in b)
    tables: list

    def equal(self, table: str | None = None) -> bool:
        """Whether all tables agree, or the one of this name."""
        of = [one for one in self.tables if table in (None, one.name)]
        return not any(one.cells or one.only_a or one.only_b or one.missing for one in of)


@dataclass(frozen=True)
class Results:
    """A results folder, and the variants of it that are compared."""

    root: Path
    variants: tuple


def open_results(path) -> Results:
    """A results folder, or one variant of it.

    Raises
    ------
    InputError
        Where the path is neither.
    """
    path = Path(path)
    if (path / "group").is_dir():
        path = path.resolve()
        return Results(path.parent, (path.name,))
    found = sorted(p.parts[-2] for p in path.glob("*/group") if p.is_dir()) if path.is_dir() else []
    if not found:
        raise InputError(
            f"{path}: is neither a results folder nor a variant in one; give the folder that holds report.html, or"
            " results/VARIANT"
        )
    order = settings_of(path).get("variants") or {}
    return Results(path.resolve(), tuple(sorted(found, key=lambda v: (list(order).index(v) if v in order else 1e9, v))))


def pairs(a: Results, b: Results) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Variants to compare: those of the same name, or the two that were named; and the names that only one has."""
    if len(a.variants) == len(b.variants) == 1:
        return [(a.variants[0], b.variants[0])], [], []
    both = [name for name in a.variants if name in b.variants]
    if not both:
        raise InputError(
            f"{a.root} and {b.root} have no variant in common ({', '.join(a.variants)}; {', '.join(b.variants)});"
            " name one of each: RESULTS/VARIANT"
        )
    return [(v, v) for v in both], [v for v in a.variants if v not in both], [v for v in b.variants if v not in both]


def settings_of(root) -> dict:
    """The resolved configuration of a results folder; empty where it was not written."""
    path = Path(root) / "config.resolved.yaml"
    return config.read_yaml(path) if path.is_file() else {}


def settings_of_variant(root, name: str) -> dict:
    """Every setting of a variant by `section.key`; inputs are named relative to the sheet."""
    found = settings_of(root)
    if name not in (found.get("variants") or {}):
        return {}
    try:
        complete = config.variant(found, name)
    except (InputError, KeyError, TypeError):  # of another version: overlay key by key
        complete = config.merge(found, found["variants"][name] or {}, tables=())
    if found.get("recordings"):
        complete = provenance.portable(complete, provenance.study_of(found))
    kept = {key: value for key, value in complete.items() if not isinstance(value, dict) and key == "seed"}
    return kept | specification.flat(complete)


def differing(a: dict, b: dict) -> list[tuple[str, str, str]]:
    """Keys whose values differ, with both as text; a key that one does not have is `not there`."""
    keys = list(dict.fromkeys([*a, *b]))
    texts = [(key, *(specification.level(of[key]) if key in of else "not there" for of in (a, b))) for key in keys]
    return [found for found in texts if found[1] != found[2]]


def versions(root) -> dict[str, str]:
    """Name to version of what made the results; empty where it was not written."""
    path = Path(root) / "dataset_description.json"
    made = io.read_json(path).get("GeneratedBy", []) if path.is_file() else []
    return {entry.get("Name", ""): entry.get("Version", "") for entry in made}


def code(root) -> dict[str, str]:
    """Rule to the digest of its code, from the sidecars; rules of versions that did not record it are missing."""
    found: dict[str, set] = {}
    for path in sorted(Path(root).rglob("*.json")):
        if path.name.endswith("_qc.json") or path.relative_to(root).parts[0] in ("logs", "benchmarks"):
            continue
        content = io.read_json(path)
        if isinstance(content, dict) and content.get("CodeDigest"):
            found.setdefault(content["Rule"], set()).add(content["CodeDigest"])
    return {rule: ", ".join(sorted(digests)) for rule, digests in sorted(found.items())}


def compare(a: Results, b: Results, name_a: str, name_b: str, *, tolerance: float = TOLERANCE) -> Comparison:
    """Settings and tables of one variant against another's.

    Parameters
    ----------
    a, b : Results
    name_a, name_b : str
        Their variants.
    tolerance : float
        Numbers are equal where they differ by no more than this, or than this fraction of the larger one.
    """
    settings = differing(settings_of_variant(a.root, name_a), settings_of_variant(b.root, name_b))
    files = [_tables(of.root / name) for of, name in ((a, name_a), (b, name_b))]
    known = ["headline", *(name for name in layout.GROUP if name != "headline")]
    names = sorted({*files[0], *files[1]}, key=lambda name: (known.index(name) if name in known else len(known), name))
    found = [_table(name, files[0].get(name), files[1].get(name), tolerance) for name in names]
    return Comparison(name_a, name_b, settings, found)


def _tables(folder: Path) -> dict[str, Path]:
    """The tables of a variant by name; those of single states and sites are in the others already."""
    found = {path.stem: path for path in sorted((folder / "group").glob("*.tsv")) if "_desc-" not in path.name}
    excluded = folder / "excluded.tsv"
    return found | ({"excluded": excluded} if excluded.is_file() else {})


def _table(name: str, path_a, path_b, tolerance: float) -> Table:
    if path_a is None or path_b is None:
        return Table(name, missing="a" if path_a is None else "b")
    headers = [path.read_text(encoding="utf-8").split("\n", 1)[0].split("\t") for path in (path_a, path_b)]
    found = rows(name, *map(_read, (path_a, path_b)), tolerance=tolerance)
    only = [[c for c in headers[i] if c not in headers[1 - i]] for i in (0, 1)]
    return Table(name, found.rows, found.cells, found.only_a, found.only_b, *only)


def _read(path: Path) -> list[dict]:
    return io.read_table(path) if path.stat().st_size else []


def rows(name: str, rows_a: list[dict], rows_b: list[dict], *, tolerance: float = TOLERANCE) -> Table:
    """Rows of two tables, matched by what names them; see `compare`."""
    shared = [column for column in (rows_a[0] if rows_a else ()) if not rows_b or column in rows_b[0]]
    named = [c for c in shared if c in LABELS or c in _keys(name)]
    of_a, of_b = _keyed(rows_a, named), _keyed(rows_b, named or _names(name, rows_b))
    values = [column for column in shared if column not in named]
    largest = {column: _largest(column, rows_a, rows_b) for column in values}
    cells = []
    for key in of_a:
        for column in values if key in of_b else ():
            cell = _cell(name, key, column, of_a[key][column], of_b[key][column], largest[column], tolerance)
            cells += [cell] if cell else []
    cells.sort(key=lambda cell: (_is_uncertainty(cell.column), -cell.size))
    only_a = [_labels(key) for key in of_a if key not in of_b]
    only_b = [_labels(key) for key in of_b if key not in of_a]
    return Table(name, len(of_a.keys() & of_b.keys()), cells, only_a, only_b)


def _keys(name: str) -> tuple:
    return layout.GROUP[name].keys if name in layout.GROUP else ()


def _is_uncertainty(column: str) -> bool:
    """Limits, standard errors and p values: they follow from the estimates, and come after them."""
    return column in ("sem", "se", "p", "t", "df") or any(
        part in ("ci", "low", "high", "p", "t", "df", "sd") for part in column.split("_")
    )


def _names(name, found) -> list[str]:
    return [c for c in (found[0] if found else ()) if c in LABELS or c in _keys(name)]


def _keyed(found: list[dict], named: list[str]) -> dict[tuple, dict]:
    """Rows by their labels; rows that share all labels are numbered."""
    keyed: dict[tuple, dict] = {}
    for row in found:
        labels = tuple((column, _word(row[column])) for column in named)
        key, n = labels, 1
        while key in keyed:
            n += 1
            key = (*labels, ("row", str(n)))
        keyed[key] = row
    return keyed


def _labels(key: tuple) -> dict:
    return {column: value for column, value in key if value}


def _word(value) -> str:
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else ""
    return str(value)


def _largest(column, *both) -> float:
    values = [abs(row[column]) for found in both for row in found if isinstance(row[column], float)]
    return max((v for v in values if math.isfinite(v)), default=0.0)


def _cell(table, key, column, a, b, largest, tolerance) -> Cell | None:
    """The pair of values where it differs; a number against a gap is the largest difference there is."""
    if not (isinstance(a, float) and isinstance(b, float)):
        same = _word(a) == _word(b)
        return None if same else Cell(table, _labels(key), column, a, b, math.nan, 1.0)
    if math.isnan(a) and math.isnan(b):
        return None
    difference = b - a
    if abs(difference) <= tolerance * max(1.0, abs(a), abs(b)):
        return None
    size = abs(difference) / largest if math.isfinite(difference) and largest else math.inf
    return Cell(table, _labels(key), column, a, b, difference, size)
