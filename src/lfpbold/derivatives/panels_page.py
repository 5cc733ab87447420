"""The tables of docs/panels.md, from the records of the figures.

python -m lfpbold.derivatives.panels_page docs/panels.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .output import Output
from .panels import FIGURES, Figure, Panel

COLUMNS = ("panel", "word", "shows", "command", "figure files", "behind it", "function", "rule")
# What the commands of the page name: labels of the simulated studies `demo` and `evoked`.
LABELS = {"sub": "01", "ses": "01", "task": "rest", "run": "1", "site": "M1"}


def rows(figures=FIGURES) -> list[list[str]]:
    """Rows of the page's tables, panels of the published study in their order first."""
    listed = [(figure, panel) for figure in figures for panel in figure.panels]
    listed.sort(key=lambda one: _order(one[1].numbers))
    return [_row(figure, panel) for figure, panel in listed]


def _order(numbers: str) -> tuple:
    """By figure, supplements after the figure's own panels; what has no number comes last."""
    match = re.match(r"(\d)(?:-s(\d))?(\w?)", numbers)
    return (0, match[1], bool(match[2]), match[2] or "", match[3]) if match else (1,)


def _row(figure: Figure, panel: Panel) -> list[str]:
    variant = panel.variant or ("rigorous" if figure.made == "surrogates" else "reference")
    study, state = ("evoked", "sedatedWhisker") if figure.made == "evoked" else ("demo", "sedated")
    labels = {**LABELS, "variant": variant, "state": panel.state or state}
    target = figure.full_path.replace("<results>", "results").format(**labels)
    shown = {"variant": panel.variant or "<variant>", "state": panel.state or "<state>", "site": "<site>"}
    files = _short(figure.full_path, **shown).replace(".svg", ".{png,svg}")
    behind = [f"group/{name}.tsv" for name in figure.tables]
    behind += [_short(Output("", "", path).full_path, variant="<variant>") for path in figure.files]
    functions = [figure.function, *panel.functions.split()]
    cells = [panel.numbers or "–", f"`{figure.name}`", panel.shows]
    cells += [f"`snakemake --cores 2 {target} --configfile {study}/config.yaml`", f"`{files}`"]
    return cells + [
        ", ".join(f"`{name}`" for name in part) for part in (behind, functions, (figure.rule, *panel.rules.split()))
    ]


def _short(path: str, **shown) -> str:
    """A path of the page: labels that are not shown become stars, those of a recording one."""
    path = path.removeprefix("<results>/")
    for name, value in shown.items():
        path = path.replace("{" + name + "}", value) if "sub-" not in path or name == "variant" else path
    path = re.sub(r"\{\w+\}", "*", path)
    return re.sub(r"sub-\*_ses-\*_task-\*(?:_acq-\*)?_run-\*_", "*_", path)


def page(text: str) -> str:
    """The page with its three tables written anew: panels of the study, other figures, and those of stimuli."""
    reproduced = [f for f in FIGURES if f.numbers]
    of_stimuli = [f for f in FIGURES if f.made == "evoked"]
    others = [f for f in FIGURES if f not in reproduced and f not in of_stimuli]
    parts = re.split(r"(?m)^\| panel .*\n(?:\|.*\n)+", text)
    tables = [_table(rows(figures)) for figures in (reproduced, others, of_stimuli)]
    return "".join(part + table for part, table in zip(parts, [*tables, ""], strict=True))


def _table(cells: list[list[str]]) -> str:
    lines = [COLUMNS, ["---"] * len(COLUMNS), *cells]
    return "".join(f"{_line(line)}\n" for line in lines).replace("| --- ", "|---").replace("|--- |", "|---|")


def _line(cells) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(page(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
