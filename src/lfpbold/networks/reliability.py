"""Reliability: reproducibility of series and maps within and across scans, and correlations corrected for it."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..errors import InputError
from ..stats.resampling import finite_rows, hierarchical_bootstrap, jackknife
from ..stats.tests import means_by_animal
from .maps import spatial_r

NAN = float("nan")


def spearman_brown(r, times: float = 2.0) -> np.ndarray:
    """Reliability of a measure that is `times` as long as the parts that correlate at r: times·r / (1 + (times − 1) r).

    Averages over scans belong inside: the formula of a mean r, not the mean of the formula, which is biased where r
    scatters. (Spearman 1910, Br J Psychol 3:271; Brown 1910, ibid. 296.)

    Examples
    --------
    >>> round(float(spearman_brown(0.6)), 9), round(float(spearman_brown(0.2, 4)), 9)
    (0.75, 0.5)
    """
    r = np.asarray(r, dtype=float)
    below = 1 + (times - 1) * r
    return times * r / np.where(below > 0, below, np.nan)


def halves(n: int, block: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of n volumes, voxels or contacts.

    Parameters
    ----------
    n : int
    block : int, optional
        Length of blocks that go to the two halves in turn, 1 for odd and even; without it first and second half.

    Returns
    -------
    one, other : ndarray of bool, shape (n,)

    Examples
    --------
    >>> [half.astype(int).tolist() for half in (*halves(5, 1), *halves(5))]
    [[1, 0, 1, 0, 1], [0, 1, 0, 1, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]]
    """
    one = np.arange(n) // (block or max(1, (n + 1) // 2)) % 2 == 0
    return one, ~one


def split_half(series, block: int | None = 1) -> float:
    """Correlation of two halves of the voxels of a seed, or of the contacts of a site, each averaged.

    It counts as signal whatever both halves share. Noise that neighbours share (smoothing, volume conduction,
    breathing) is shared by odd and even ones: smoothing by 0.75 mm at voxels of 0.5 × 0.5 × 1 mm makes a reliability of
    .50 look like .92 where odd and even voxels interleave, .60 to .70 for two slabs (`block=None`). Take series from
    before smoothing; otherwise the reliability is an upper limit, and a correlation corrected with it a lower one.

    Parameters
    ----------
    series : array of float, shape (n_volumes, n_channels)
    block : int, optional
        As in `halves`.

    Returns
    -------
    r : float
        For `spearman_brown`. Where the halves are unequal it is what equal halves would give (Horst 1951,
        Psychometrika 16:121). NaN below two channels.
    """
    series = np.asarray(series, dtype=float)
    one, other = halves(series.shape[1], block)
    if not other.any():
        return NAN
    r = correlate(series[:, one].mean(axis=1), series[:, other].mean(axis=1))[0, 0]
    if not abs(r) < 1:
        return float(r)
    product = one.mean() * other.mean()
    whole = r * (np.sqrt(r**2 + 4 * product * (1 - r**2)) - r) / (2 * product * (1 - r**2))
    return float(whole / (2 - whole))


def split_maps(bold, regressor, seed, block: int | None = None) -> dict:
    """Reproducibility of a scan's LFP map and seed map in its other half, and their agreement across the halves.

    Halves must not share noise. Neighbouring volumes of band-passed series do: for an LFP map whose reliability is .48
    (known from other scans of the same truth), odd and even volumes (`block=1`) claim 1.00, blocks of 10 s .74, of 30 s
    .58, of 60 s .52, first and second half .48 (0.01–0.1 Hz, 1200 volumes of 1 s). The last is the default; it counts
    a drift of the map within the scan as noise.

    The two maps of one half are made from the same BOLD and share its noise, so that `same` is too high: divided by
    reliabilities it is 1.16 under pure mediation, where the truth is 1. `across` takes the LFP map from one half and
    the seed map from the other: across / √(lfp × seed), of averages over scans, is the spatial correlation without
    noise (1.01 there).

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    regressor : array of float, shape (n_volumes,)
    seed : array of float, shape (n_volumes,)
        Mean BOLD of the seed.
    block : int, optional
        As in `halves`, in volumes.

    Returns
    -------
    r : dict of float
        `lfp` and `seed`, spatial r of the two halves' maps; `same` and `across`, of LFP map and seed map.
    """
    bold = np.asarray(bold, dtype=float)
    both = np.column_stack([regressor, seed])
    (lfp_a, seed_a), (lfp_b, seed_b) = (correlate(both[half], bold[half]) for half in halves(len(bold), block))
    return {
        "lfp": spatial_r(lfp_a, lfp_b),
        "seed": spatial_r(seed_a, seed_b),
        "same": (spatial_r(lfp_a, seed_a) + spatial_r(lfp_b, seed_b)) / 2,
        "across": (spatial_r(lfp_a, seed_b) + spatial_r(lfp_b, seed_a)) / 2,
    }


def disattenuated(r, reliability_x, reliability_y) -> np.ndarray:
    """Correlation without the noise of the two measures: r / √(reliability x × reliability y) (Spearman 1904).

    Errors must be independent of each other. Values beyond ±1 stay as they are: they say that r is not known well, or
    that the errors are shared. Where a reliability is not above zero there is no answer, NaN; `why_undefined` says so.

    Examples
    --------
    >>> [round(float(disattenuated(r, 0.64, 0.64)), 4) for r in (0.32, 0.8)], float(disattenuated(0.3, -0.1, 0.5))
    ([0.5, 1.25], nan)
    """
    x, y = (np.asarray(value, dtype=float) for value in (reliability_x, reliability_y))
    known = (x > 0) & (y > 0)
    return np.asarray(r, dtype=float) / np.sqrt(np.where(known, x * y, np.nan))


def why_undefined(reliability_x: float, reliability_y: float) -> str:
    """Why there is no disattenuated correlation; empty where there is one.

    Examples
    --------
    >>> why_undefined(-0.031, 0.5), why_undefined(0.5, 0.5)
    ('reliability of x is -0.031, not above zero: the halves share nothing that could be called signal', '')
    """
    for name, value in (("x", reliability_x), ("y", reliability_y)):
        if not np.isfinite(value):
            return f"reliability of {name} is not known: there were no two halves"
        if value <= 0:
            return f"reliability of {name} is {value:.3g}, not above zero: the halves share nothing that could be " + (
                "called signal"
            )
    return ""


def disattenuated_mean(
    r,
    halves_x,
    halves_y,
    animals,
    *,
    n: int,
    rng,
    times: float = 2.0,
    levels: str = "animals",
    confidence: float = 0.95,
) -> dict:
    """Disattenuated mean correlation over scans, with intervals whose unit is the animal.

    All three correlations are averaged over scans, then corrected: a scan's own reliability is too uncertain to divide
    by. Each resample of animals, and each deletion of one, computes all three again. With six animals, 159
    scans and n_eff 150, 95 % intervals hold the truth in (250 simulations, standard error 1.4 %): Student's 94 to 95 %,
    percentile 82 to 87 %, studentised 97 %; with `levels="all"` percentile 88 to 99 %, studentised 95 to 96 %.

    Parameters
    ----------
    r, halves_x, halves_y : array of float, shape (n_scans,)
        Correlation of x and y, and of the halves of x and of y, of each scan.
    animals : sequence, shape (n_scans,)
    n : int
        Resamples of the bootstrap.
    rng : numpy.random.Generator
    times : float
        How much longer than the halves the measures behind `r` are: 2 for whole scans, 1 for `across` of `split_maps`.
    levels : {"animals", "all"}
        As in `resampling.hierarchical_bootstrap`.

    Returns
    -------
    columns : dict
        `r`, `reliability_x`, `reliability_y`; `value`; `low`, `high`, Student's t with the jackknife over animals;
        `bootstrap_low`, `bootstrap_high` (percentile; too narrow with few animals), `bootstrap_t_low`,
        `bootstrap_t_high` (studentised); `undefined`, share of resamples without a value; `cnr_x`, `cnr_y`, and `cnr`,
        the common one that makes `noise_ceiling.apparent_r(value, cnr)` equal `r`; `reason`, empty where there is a
        value.
    """
    rows, animals, _ = finite_rows(np.column_stack([r, halves_x, halves_y]), animals)

    def ratio(scans):
        mean = scans.mean(axis=0)
        return disattenuated(mean[0], spearman_brown(mean[1], times), spearman_brown(mean[2], times))

    mean = rows.mean(axis=0) if len(rows) else np.full(3, np.nan)
    of_x, of_y = (float(spearman_brown(half, times)) for half in mean[1:])
    whole = jackknife(rows, animals, ratio, confidence=confidence)
    bootstrap = hierarchical_bootstrap(
        rows, animals, None, n, rng, statistic=ratio, levels=levels, confidence=confidence
    )
    reason = why_undefined(of_x, of_y)
    cnr = np.sqrt(of_x * of_y) if not reason else np.nan
    return {
        **{"r": float(mean[0]), "reliability_x": of_x, "reliability_y": of_y},
        **{name: whole[name] for name in ("value", "low", "high")},
        **{f"bootstrap_{name}": bootstrap[name] for name in ("low", "high", "t_low", "t_high")},
        "undefined": bootstrap["undefined"],
        **{f"cnr{k}": float(noise_from_reliability(rel)) for k, rel in (("_x", of_x), ("_y", of_y), ("", cnr))},
        "reason": reason,
    }


def noise_from_reliability(reliability) -> np.ndarray:
    """CNR that a reliability means: √(ρ / (1 − ρ)), standard deviation of the signal over that of its noise.

    With it in both measures, `noise_ceiling.apparent_r` gives r_true × ρ: the study's CNR, measured instead of
    supposed. NaN below 0 and above 1, infinite at 1.

    Examples
    --------
    >>> round(float(noise_from_reliability(0.6283)), 3), float(noise_from_reliability(-0.1))
    (1.3, nan)
    """
    reliability = np.asarray(reliability, dtype=float)
    inside = np.where((reliability >= 0) & (reliability <= 1), reliability, np.nan)
    with np.errstate(divide="ignore"):
        return np.sqrt(inside / (1 - inside))


def inter_scan(maps, animals, confidence: float = 0.95) -> dict:
    """Reproducibility across scans: mean spatial r of pairs of scans within an animal, and between animals.

    The latter is the one that generalises.

    Parameters
    ----------
    maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in one scan is excluded.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    columns : dict
        `within`, `between`, NaN where there is no such pair; `between_low`, `between_high`, jackknife over animals
        (Student's t).
    """
    maps, animals = np.asarray(maps, dtype=float), np.asarray(animals)
    if len(maps) != len(animals):
        raise InputError(f"there are {len(maps)} maps and {len(animals)} animals; give one animal for every map")
    whole = maps[:, np.isfinite(maps).all(axis=0)].T
    return _pairs(correlate(whole, whole), animals, confidence)


def across_scans(lfp_maps, seed_maps, animals, confidence: float = 0.95) -> dict:
    """Spatial r of the LFP map of a scan with the seed map of another, and the same disattenuated.

    Maps of different animals share no noise, neither that of a scan nor the animal's own: their correlation over the
    roots of both maps' own correlations between animals, their reliabilities, is the spatial correlation of what
    animals have in common.

    Parameters
    ----------
    lfp_maps, seed_maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in any of them is excluded.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    columns : dict
        `across`, as `inter_scan` for pairs of an LFP map and a seed map of different scans; `disattenuated`, with
        `between`, `between_low`, `between_high` (jackknife over animals, Student's t), NaN below two animals or where
        a map is not reproducible at all; it may exceed 1.
    """
    lfp_maps, seed_maps, animals = np.asarray(lfp_maps), np.asarray(seed_maps), np.asarray(animals)
    known = (np.isfinite(lfp_maps) & np.isfinite(seed_maps)).all(axis=0)
    lfp, seed = lfp_maps[:, known].T, seed_maps[:, known].T
    across, of_lfp, of_seed = correlate(lfp, seed), correlate(lfp, lfp), correlate(seed, seed)

    def ratio(rows):
        rows = rows.astype(int)
        apart = animals[rows][:, None] != animals[rows]
        mean, x, y = (_mean(r[np.ix_(rows, rows)][apart]) for r in (across, of_lfp, of_seed))
        return float(disattenuated(mean, x, y))

    estimate = jackknife(np.arange(len(animals)), animals, ratio, confidence=confidence)
    disattenuated_row = {"within": NAN} | _between(estimate)
    return {"across": _pairs(across, animals, confidence), "disattenuated": disattenuated_row}


def _pairs(r, animals, confidence) -> dict:
    """Means of r (n_scans, n_scans) over pairs of scans, within and between animals."""

    def between(rows):
        rows = rows.astype(int)
        return _mean(r[np.ix_(rows, rows)][animals[rows][:, None] != animals[rows]])

    same = animals[:, None] == animals
    within = _mean(r[same & ~np.eye(len(r), dtype=bool)])
    return {"within": within} | _between(jackknife(np.arange(len(r)), animals, between, confidence=confidence))


def _between(estimate: dict) -> dict:
    return {"between": estimate["value"], "between_low": estimate["low"], "between_high": estimate["high"]}


def _mean(values) -> float:
    return float(values.mean()) if values.size else NAN


def averaged_map_reliability(maps, animals) -> float:
    """Reliability of the average of the animals' mean maps, animals being a sample of a population.

    Cronbach's alpha (1951, Psychometrika 16:297) with animals as items and voxels as cases:
    k/(k − 1) × (1 − Σ var(map of animal) / var(sum of maps)), variances over voxels. It may be negative.

    Parameters
    ----------
    maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in one scan is excluded.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    reliability : float
        NaN below two animals.
    """
    maps, animals = np.asarray(maps, dtype=float), np.asarray(animals)
    maps = maps[:, np.isfinite(maps).all(axis=0)]
    animal_maps = means_by_animal(maps, animals)
    k, total = len(animal_maps), animal_maps.sum(axis=0).var() if maps.size else 0.0
    return float(k / (k - 1) * (1 - animal_maps.var(axis=1).sum() / total)) if k > 1 and total > 0 else NAN
