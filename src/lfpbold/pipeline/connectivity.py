"""Networks of one state and site, with and without the LFP: regions, peaks, components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..coupling.correlation import correlate
from ..derivatives.rows import Rows
from ..errors import InputError
from ..networks import connectivity as science
from ..networks import ica
from ..networks import peaks as network_peak
from ..nulls import connectivity as null_matrices
from ..stats import tests
from .nulls import FEWEST_VOXELS
from .scan import Scan, counts, generator

REMOVALS = ("gamma", "all_joint")  # the main band, and all bands of networks.removal_bands
FEWEST_REGIONS = 3
NAN = float("nan")


@dataclass(frozen=True)
class Networks:
    """What is asked of one state and site, on its common brain.

    Attributes
    ----------
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    labels : array of int, shape (n_voxels,), or None
    seeds : dict of network to array of bool, shape (n_voxels,)
    targets : dict of name to (network, array of bool, shape (n_voxels,))
    """

    brain: np.ndarray
    affine: np.ndarray
    labels: np.ndarray | None
    seeds: dict
    targets: dict


def networks_of_site(seed, site: dict, labels, brain, affine, options: dict) -> Networks:
    """Seeds and targets as voxels.

    Parameters
    ----------
    seed : array of bool, shape (n_voxels,)
        The electrode's own.
    site : dict
        Of the settings.
    labels : array of int, shape (n_voxels,), or None
    options : dict
        `connectivity` section.

    Raises
    ------
    InputError
        For a region that has no voxel within the brain.
    """

    def voxels(where, wanted):
        missing = [label for label in wanted if not (labels == label).any()]
        if missing:
            raise InputError(
                f"connectivity.{where}: region {missing[0]} has no voxel within the brain; correct it, or atlas.labels"
            )
        return np.isin(labels, wanted)

    seeds = {"seed": seed} | {name: voxels(f"seeds.{name}", wanted) for name, wanted in options["seeds"].items()}
    targets = options["targets"]
    if targets is None:
        other = [-label for label in site.get("seed_label", ())]
        there = labels is not None and other and all((labels == label).any() for label in other)
        targets = {"opposite": {"network": "seed", "labels": other}} if there else {}
    found = {name: (of["network"], voxels(f"targets.{name}", of["labels"])) for name, of in targets.items()}
    return Networks(brain, affine, labels if options["regions"] else None, seeds, found)


def connectivity(scans: Callable, bands, networks: Networks, settings: dict) -> dict:
    """Matrices, peaks and components of one state and site.

    Parameters
    ----------
    scans : callable
        Gives the scans one by one, from the first each time it is called.
    bands : list of str
        Columns of the scans' regressors.
    networks : Networks
    settings : dict
        `networks`, `connectivity` and `variance` sections, `seed`.

    Returns
    -------
    found : dict
        Rows of `connectivity`, `network_peaks` and `components`; `regions`, shape (n_regions,); `matrices`, Fisher's z
        averaged over scans, by name (`connectivity`, `removed`, `expected`); `maps`, shape (2 n_components, n_voxels):
        r with each component's course, averaged over scans, first with and then without the main band; `map_names`.
    """
    main, options = bands.index(settings["networks"]["main_band"]), settings["connectivity"]
    chosen = [bands.index(band) for band in settings["networks"]["removal_bands"] if band in bands]
    regions, peaks = _Regions(networks, settings), _Peaks(networks)
    measured = networks.brain.sum() >= FEWEST_VOXELS
    for scan in scans() if measured else ():
        columns = {"gamma": [main], "all_joint": chosen}
        regions.add(scan, columns)
        peaks.add(scan, main)
    found = {
        "connectivity": regions.rows(),
        "regions": regions.index,
        "matrices": regions.matrices(),
        "network_peaks": peaks.rows(settings),
    }
    if options["components"] and peaks.animals:
        return found | _components(scans, options["components"], main, networks, settings)
    return found | {"components": [], "maps": np.full((1, int(networks.brain.sum())), NAN), "map_names": []}


class _Regions:
    """Region × region matrices of scans as they come, and their average."""

    def __init__(self, networks: Networks, settings: dict):
        self._networks, self._settings = networks, settings
        self._n = settings["connectivity"]["surrogates"]
        self._rows: list = []
        self._sums: dict = {}
        self._scans = 0
        self.index = np.zeros(0, dtype=int)

    def add(self, scan: Scan, columns: dict) -> None:
        if self._networks.labels is None:
            return
        means, self.index = science.region_means(scan.bold.clean, self._networks.labels)
        if len(self.index) < FEWEST_REGIONS:
            return
        self._scans += 1
        for removal, chosen in columns.items():
            found = science.matrix_without_lfp(means, scan.bold.course, scan.design.columns[:, chosen])
            z = {name: science.z_matrix(found[name]) for name in ("before", "after", "expected")}
            z["null"] = self._surrogates(scan, means, chosen[0]) if removal == "gamma" and self._n else None
            labels = dict(zip(("sub", "ses", "run"), scan.scan_id.split(), strict=False))
            row = labels | {"removal": removal, "r_seed": float(np.sqrt(found["r2"]))}
            self._rows.append(row | _compared(z))
            for name, values in z.items():
                if values is not None:
                    of = self._sums.setdefault((removal, name), np.zeros(values.shape))
                    of += values

    def _surrogates(self, scan: Scan, means, band: int) -> np.ndarray:
        rng = generator(self._settings["seed"], scan.scan_id, "connectivity")
        raw = None if scan.design.raw is None else scan.design.raw[:, band]
        return null_matrices.surrogate_matrices(
            means,
            scan.bold.course,
            scan.design.columns[:, band],
            self._n,
            rng,
            basis=scan.design.basis,
            raw=raw,
            kept=scan.bold.kept,
        )

    def matrices(self) -> dict:
        """Averaged over scans: before, without the main band, and expected without it; empty without regions."""
        names = {"connectivity": "before", "removed": "after", "expected": "expected"}
        if not self._rows:
            return {name: np.zeros((0, 0)) for name in names}
        return {name: self._sums["gamma", of] / self._scans for name, of in names.items()}

    def rows(self) -> list[dict]:
        """One for each scan and removal, and one for the averaged matrices."""
        found = list(self._rows)
        for removal in REMOVALS if self._rows else ():
            average = {name: values / self._scans for (of, name), values in self._sums.items() if of == removal}
            z = [tests.fisher_z(row["r_seed"]) for row in Rows(self._rows).where(removal=removal)]
            r_seed = np.tanh(np.mean(z))
            found.append(
                {"sub": "group", "removal": removal, "r_seed": float(r_seed)} | _compared({"null": None} | average)
            )
        for measure in ("r", "slope"):
            for removal in REMOVALS:
                of = Rows(self._rows).where(removal=removal)
                excess = [row[measure] - row[f"{measure}_null"] for row in of]
                test = tests.t_test(excess, [row["sub"] for row in of])
                more = {f"{measure}_p_animals": test["p_animals"]} | counts([row["sub"] for row in of])
                found = [row | more if row["removal"] == removal else row for row in found]
        return [row | {"n_regions": len(self.index)} for row in found]


def _compared(z: dict) -> dict:
    """How like the matrices after removal are to that before: found, expected of algebra, and of surrogates."""
    seen, expected = (science.matrix_similarity(z[name], z["before"]) for name in ("after", "expected"))
    none = {"r": [], "slope": []}
    null = none if z["null"] is None else science.edge_similarity(z["null"], science.edges(z["before"]))
    row = {}
    for measure, value in seen.items():
        row |= {measure: value, f"{measure}_expected": expected[measure]}
        row |= {
            f"{measure}_{name}": found for name, found in null_matrices.similarity_null(value, null[measure]).items()
        }
    return row


class _Peaks:
    """Maps of networks that have a target: of whole scans, of their halves, and without the main band."""

    def __init__(self, networks: Networks):
        self._networks = networks
        self._maps: dict = {name: {"before": [], "after": []} for name in {n for n, _ in networks.targets.values()}}
        self.animals: list = []

    def add(self, scan: Scan, main: int) -> None:
        self.animals.append(scan.sub)
        half = len(scan.bold.clean) // 2
        parts = (slice(None), slice(None, half), slice(half, None))
        for name, kept in self._maps.items():
            seed = scan.bold.clean[:, self._networks.seeds[name]].mean(axis=1)
            before, after = [], []
            for part in parts:
                bold, course, x = scan.bold.clean[part], seed[part], scan.design.columns[part, main]
                r = correlate(course, bold)[0]
                shared = correlate(x, np.column_stack([course, bold]))[0]
                after_map = science.map_without(r, (shared[0], shared[1:]))
                before.append(tests.fisher_z(r, largest=science.LARGEST_R))
                after.append(tests.fisher_z(after_map, largest=science.LARGEST_R))
            kept["before"].append(np.array(before, dtype=np.float32))
            kept["after"].append(np.array(after, dtype=np.float32))

    def rows(self, settings: dict) -> list[dict]:
        """Of every animal, and of the group, whose units are animals."""
        found = []
        animals = np.array(self.animals)
        for target, (network, inside) in self._networks.targets.items() if self.animals else ():
            for sub in [*dict.fromkeys(self.animals), "group"]:
                of_lfp = {}
                for lfp, maps in self._maps[network].items():
                    stack = np.array(maps)
                    if sub == "group":
                        names = dict.fromkeys(self.animals)
                        units = np.array([stack[animals == name, 0].mean(axis=0) for name in names])
                        what = "animals"
                    else:
                        mine = stack[animals == sub]
                        units, what = network_peak.units(mine[:, 0], mine[:, 1:])
                    rng = generator(settings["seed"], target, sub, "peak")
                    of_lfp[lfp] = network_peak.split_halves(
                        units, inside, self._networks.brain, self._networks.affine, rng,
                        confidence=settings["variance"]["confidence"],
                    )  # fmt: skip
                    row = {"sub": sub, "network": network, "target": target, "lfp": lfp, "units": what}
                    found.append(row | counts(self.animals, sub) | _in_words(of_lfp[lfp], of_lfp["before"]))
        return found


def _in_words(peak: dict, before: dict) -> dict:
    x, y, z = peak["mm"]
    shift = float(np.linalg.norm(peak["mm"] - before["mm"])) if peak is not before else NAN
    names = ("value", "inside", "n", "distance_mm", "se_mm", "radius_mm")
    return {"x_mm": x, "y_mm": y, "z_mm": z, "shift_mm": shift} | {name: peak[name] for name in names}


def _components(scans: Callable, n: int, main: int, networks: Networks, settings: dict) -> dict:
    """Group ICA, and each component's map in each scan with the main band and without it."""
    found = ica.group_ica((scan.bold.clean for scan in scans()), n, settings["seed"])
    kept: dict = {"before": [], "after": [], "expected": [], "r": []}
    animals = []
    for scan in scans():
        animals.append(scan.sub)
        courses, x = ica.time_courses(scan.bold.clean, found["maps"]), scan.design.columns[:, main]
        r = correlate(courses, scan.bold.clean)
        of_lfp, of_voxels = correlate(x, courses)[0], correlate(x, scan.bold.clean)[0]
        pairs = list(zip(r, of_lfp, strict=True))
        kept["before"].append(r)
        kept["after"].append(np.array([science.map_without(one, (with_lfp, of_voxels)) for one, with_lfp in pairs]))
        kept["expected"].append(np.array([science.map_without(one, (w, w * one)) for one, w in pairs]))
        kept["r"].append(of_lfp)
    mean = {name: np.mean(kept[name], axis=0) for name in ("before", "after", "expected")}
    rows, everywhere = [], np.ones(int(networks.brain.sum()), dtype=bool)
    for k in range(n):
        top = network_peak.peak(found["maps"][k], everywhere, networks.brain, networks.affine)["mm"]
        test = tests.t_test(tests.fisher_z([r[k] for r in kept["r"]]), animals)
        row = {"component": k + 1, "share": found["share"][k], "converged": found["converged"]}
        row |= dict(zip(("x_mm", "y_mm", "z_mm"), top, strict=True))
        row |= {"r_lfp": float(np.tanh(test["mean"])), "p_animals": test["p_animals"]} | counts(animals)
        for measure, compare in (("r", science.spatial_r), ("slope", science.slope)):
            row[measure] = compare(mean["after"][k], mean["before"][k])
            row[f"{measure}_expected"] = compare(mean["expected"][k], mean["before"][k])
        rows.append(row)
    names = [
        f"component {k + 1}{more}" for more in ("", f" without {settings['networks']['main_band']}") for k in range(n)
    ]
    return {"components": rows, "maps": np.concatenate([mean["before"], mean["after"]]), "map_names": names}
