"""What `lfpbold compare` prints and writes: differences in words and as rows."""

from __future__ import annotations

import math

from .compare import LABELS, Comparison, Table, code, differing, versions

SHOWN, FEW, NAMED = 10, 3, 5  # cells of the first table and of others, and rows, unless all are asked for
OUT = {
    "variant": ("Variant; `a / b` where the two have different names", ""),
    "table": ("Table in the folder group", ""),
    "row": ("Labels of the row", ""),
    "column": ("Column that differs; n/a where one of the two does not have the row", ""),
    "a": ("Value in the first results", ""),
    "b": ("Value in the second results", ""),
    "difference": ("b − a", ""),
}


def made_by(root_a, root_b) -> list[str]:
    """Versions that differ, and rules whose code does."""
    lines = [f"version of {name}: {a} | {b}" for name, a, b in differing(versions(root_a), versions(root_b))]
    codes = code(root_a), code(root_b)
    missing = [which for which, found in zip(("first", "second"), codes, strict=True) if not found]
    if missing:
        return [*lines, f"code: not recorded in the {' and the '.join(missing)}"]
    for which, mine, other in (("first", *codes), ("second", *codes[::-1])):
        alone = [rule for rule in mine if rule not in other]
        lines += [f"rules only in the {which}: {', '.join(alone)}"] if alone else []
    changed = [rule for rule, *_ in differing(*codes) if all(rule in found for found in codes)]
    return [*lines, f"code that differs, by rule: {', '.join(changed)}" if changed else "code: the same"]


def in_words(found: Comparison, *, table: str | None = None, everything: bool = False) -> list[str]:
    """Lines that tell what differs: settings, then the tables, with the largest differences first.

    Parameters
    ----------
    found : Comparison
    table : str, optional
        The one table that is shown.
    everything : bool
        Show all differences; else ten of the headline, or of the one table, and three of each other.
    """
    title = found.a if found.a == found.b else f"{found.a} / {found.b}"
    lines = [f"Variant {title}"]
    lines += [f"  setting {key}: {a} | {b}" for key, a, b in found.settings] or ["  no setting differs"]
    for one in found.tables:
        if table is None or one.name == table:
            few = SHOWN if table or one.name == "headline" else FEW
            lines += _table_in_words(one, len(one.cells) if everything else few, everything)
    same = [one.name for one in found.tables if not (one.cells or one.only_a or one.only_b or one.missing)]
    if same and table is None:
        lines.append(f"  {len(same)} of {len(found.tables)} tables agree")
    return lines


def who(labels: dict) -> str:
    """The row that labels name; a number says of what it is one.

    Examples
    --------
    >>> who({"sub": "01", "band": "gamma", "lag_s": "2"})
    '01 gamma lag_s 2'
    """
    return " ".join(value if column in LABELS else f"{column} {value}" for column, value in labels.items())


def _table_in_words(one: Table, most: int, everything: bool) -> list[str]:
    if one.missing:
        return [f"  {one.name}: only in {'the second' if one.missing == 'a' else 'the first'}"]
    lines = [
        f"  {one.name}: column {', '.join(columns)} only in the {which}"
        for which, columns in (("first", one.columns_a), ("second", one.columns_b))
        if columns
    ]
    for which, labels in (("first", one.only_a), ("second", one.only_b)):
        named = [who(of) for of in (labels if everything else labels[:NAMED])]
        more = f", and {len(labels) - len(named)} more" if len(labels) > len(named) else ""
        lines += [f"  {one.name}: only in the {which}: {'; '.join(named)}{more}"] if labels else []
    if not one.cells:
        return lines
    lines.append(f"  {one.name}: {_count(len(one.cells))} in {one.rows} rows")
    shown = one.cells[:most]
    told = [(who(cell.labels), cell) for cell in shown]
    width = max(len(f"{of} {cell.column}") for of, cell in told)
    for of, cell in told:
        change = f"  ({_signed(cell.difference)})" if math.isfinite(cell.difference) else ""
        lines.append(f"    {f'{of} {cell.column}'.strip():<{width}}  {_value(cell.a)} → {_value(cell.b)}{change}")
    if len(one.cells) > len(shown):
        lines.append(f"    … and {len(one.cells) - len(shown)} smaller ones: --table {one.name} --all")
    return lines


def _count(n: int) -> str:
    return "1 value differs" if n == 1 else f"{n} values differ"


def _value(value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else "n/a"
    return str(value) or "n/a"


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−")


def as_rows(found: Comparison) -> list[dict]:
    """Every difference as a row of `OUT`."""
    variant = found.a if found.a == found.b else f"{found.a} / {found.b}"
    rows_found = []
    for one in found.tables:
        of = {"variant": variant, "table": one.name}
        rows_found += [
            of | {"row": who(c.labels), "column": c.column, "a": c.a, "b": c.b, "difference": c.difference}
            for c in one.cells
        ]
        for a, b, labels in (("there", "", one.only_a), ("", "there", one.only_b)):
            rows_found += [of | {"row": who(row), "a": a, "b": b} for row in labels]
        if one.missing:
            rows_found.append(of | {"a": "" if one.missing == "a" else "there", "b": "there" * (one.missing == "a")})
    return rows_found
