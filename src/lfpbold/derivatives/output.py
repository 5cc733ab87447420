"""The record of an output: what one kind of file is called, which rule makes it, and which function computes it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_SESSION = "<results>/{variant}/sub-{sub}/ses-{ses}"
_RUN, _SCAN = "sub-{sub}_ses-{ses}_task-{task}_run-{run}", "sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}"
# What paths begin with, by the short names that records and rules write in angle brackets.
PREFIXES = {
    "run": f"{_SESSION}/func/{_RUN}",  # one fMRI run, whatever the electrode site
    "scan": f"{_SESSION}/func/{_SCAN}",  # one electrode site of one run: BOLD and what was computed with it
    "lfp": f"{_SESSION}/ieeg/{_SCAN}",  # the same: LFP
    "session": f"{_SESSION}/ieeg/sub-{{sub}}_ses-{{ses}}",
    "scan_figures": f"{_SESSION}/figures/{_SCAN}",
    "group": "<results>/{variant}/group/state-{state}_site-{site}",  # all scans of a state and site
    "tables": "<results>/{variant}/group",  # the whole study
    "group_figures": "<results>/{variant}/figures/state-{state}_site-{site}",
    "figures": "<results>/{variant}/figures",
}
STAGES = {"glm": "evoked", "electrodes": "artefact"}  # of rules that are not called like their stage
# The part of a name between its last underscore and its suffix, and what kind of file that is.
KINDS = {
    "ieeg": "time series",
    "timeseries": "time series",
    "bold": "volumes",
    "mask": "map",
    "statmap": "map",
    "relmat": "matrix",
    "qc": "numbers of figures",
}


@dataclass(frozen=True)
class Output:
    """One kind of file.

    Attributes
    ----------
    rule, name : str
        The rule that makes it, and the name that it has among the rule's outputs.
    path : str
        With a short prefix of `PREFIXES`: `<scan>_desc-seed_statmap.nii.gz`.
    function : str
        What computes it, in this package: `networks.maps.seed_map`. Empty for files without numbers.
    columns : dict of name to (description, unit), or function that returns one, optional
        Of tables; a function where the columns depend on bands or regions.
    made : {'always', 'surrogates', 'evoked'}
        When: in every variant, where surrogates are asked for, or for runs with stimuli.
    keys : tuple of str
        Columns of numbers that name a row, as labels do.
    """

    rule: str
    name: str
    path: str
    function: str = ""
    columns: dict | Callable | None = None
    made: str = "always"
    keys: tuple = ()

    @property
    def stage(self) -> str:
        """The stage whose settings decide which variant's file serves another variant."""
        return STAGES.get(self.rule, self.rule)

    @property
    def full_path(self) -> str:
        """The path with its prefix written out, from `<results>` on; labels stand in braces."""
        return re.sub(r"^<(\w+)>", lambda match: PREFIXES.get(match[1], match[0]), self.path)

    def at(self, results, **labels) -> Path:
        """The file in a results folder, from the values of the labels that its path holds."""
        return Path(results) / self.full_path.removeprefix("<results>/").format(**labels)

    @property
    def sidecar(self) -> str:
        """The path of its JSON sidecar."""
        return sidecar_of(self.path)

    @property
    def dotted_function(self) -> str:
        """The function as it is imported."""
        return f"lfpbold.{self.function}" if self.function else ""

    @property
    def kind(self) -> str:
        """table, map, matrix, volumes, time series, numbers of figures, figure, or text."""
        stem, _, suffix = self.path.rpartition("/")[2].partition(".")
        if suffix == "svg":
            return "figure"
        return KINDS.get(stem.rpartition("_")[2], "table" if suffix == "tsv" else "text")

    @property
    def paths(self) -> tuple[str, ...]:
        """Full paths of the file and of what stands beside it."""
        return self.full_path, sidecar_of(self.full_path)

    @cached_property
    def pattern(self) -> re.Pattern:
        """Matches the paths of such files and of their sidecars, and these paths with labels in braces."""
        text = "|".join(map(re.escape, self.paths))
        text = text.replace("<results>/", "(?:.*/)?").replace(r"\{variant\}", "[^/]+")
        return re.compile(re.sub(r"\\\{\w+\\\}", "[^/_]+", text))

    def digested(self) -> str:
        """The record as text that changes when what the rule writes does."""
        columns = inspect.getsource(self.columns) if callable(self.columns) else self.columns
        return json.dumps([self.name, self.path, self.function, columns], ensure_ascii=False)


def sidecar_of(path: str) -> str:
    """The path of the JSON sidecar of an output.

    Examples
    --------
    >>> sidecar_of("<scan>_desc-seed_statmap.nii.gz")
    '<scan>_desc-seed_statmap.json'
    """
    return re.sub(r"\.(nii\.gz|nii|tsv|vhdr|png|svg|html)$", ".json", path)
