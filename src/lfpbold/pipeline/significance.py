"""What holds over all scans of a state and site: against surrogates of these scans, and over animals."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..nulls import group as science
from .nulls import at_lags, in_time, lags_s
from .scan import Scan, generator


class Family:
    """Correlations that are tested together, such as the bands of one measure, collected scan by scan.

    Parameters
    ----------
    measure, family : str
        As in the table.
    bands : list of str
        One per column.
    settings : dict
        `variance` section, and `seed`.
    lags_s : array of float, optional
        Where the columns are lags of one band: only the strongest of them becomes a row.
    """

    def __init__(self, measure: str, family: str, bands, settings: dict, lags_s=None):
        self._labels, self._bands, self._lags_s = {"measure": measure, "family": family}, list(bands), lags_s
        self._found, self._settings = science.GroupNull(), settings

    def add(self, sub: str, r, null) -> None:
        """One scan: `r` (n_columns,) and its surrogates (n, n_columns)."""
        self._found.add(sub, r, null)

    def rows(self) -> list[dict]:
        """One row per column, or the strongest lag's."""
        if not self._found.n_scans:
            return []
        rng = generator(self._settings["seed"], *self._labels.values(), "sign flips")
        found = self._found.summary(self._settings["variance"]["confidence"], rng)
        everything = np.flatnonzero(np.isfinite(found["r"]))  # a notched bin has nothing to test
        if self._lags_s is not None:
            everything = [int(np.nanargmax(np.abs(found["r"])))] if np.isfinite(found["r"]).any() else []
        rows = []
        for column in everything:
            row = self._labels | {"band": self._bands[0 if self._lags_s is not None else column]}
            if self._lags_s is not None:
                row["lag_s"] = self._lags_s[column]
            row |= {name: found[name] for name in ("n_scans", "n_animals", "threshold", "flip_floor")}
            of_column = ("r", "p", "p_max", "p_animals", "p_flip", "p_flip_max")
            rows.append(row | {name: found[name][column] for name in of_column})
        return rows


class InTime:
    """The temporal measures of a state and site: bands, 1-Hz bins, and lags of each band."""

    def __init__(self, bands, bins, settings: dict):
        self._settings, self._bands = settings, list(bands)
        self._of_bands = Family("temporal", "bands", bands, settings)
        self._of_bins = Family("temporal", "bins", bins, settings)
        self._of_lags: dict[str, Family] = {}
        self._lags_s = None

    def add(self, scan: Scan) -> None:
        """One scan."""
        of_both = (
            (self._of_bands, scan.design.columns, scan.design.raw),
            (self._of_bins, scan.design.bins, scan.design.raw_bins),
        )
        for family, columns, raw in of_both:
            if columns.shape[1]:
                r = correlate(columns, scan.bold.course)[:, 0]
                family.add(scan.sub, r, in_time(scan, columns, raw, self._settings))
        lags = lags_s(scan, self._settings)
        if not self._of_lags:
            self._lags_s = lags
            self._of_lags = {band: Family("lag", "lags", [band], self._settings, lags) for band in self._bands}
        if not np.array_equal(lags, self._lags_s):
            return  # scans of another TR have other lags; group/lags.tsv interpolates, a null cannot
        r, drawn = at_lags(scan, self._settings)
        for i, family in enumerate(self._of_lags.values()):
            family.add(scan.sub, r[:, i], drawn[:, :, i])

    def rows(self) -> list[dict]:
        """Rows of `significance`."""
        families = [self._of_bands, self._of_bins, *self._of_lags.values()]
        return [row for family in families for row in family.rows()]
