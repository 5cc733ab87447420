"""Removal of the gradient artefact from LFP recorded inside the scanner, by template regression.

After Tu & Zhang, eLife 2022;11:e81555 and Tu, Cramer & Zhang, eLife 2024;13:RP95680: cut the recording into slice
acquisitions, average them to a template, align the template to each of them and regress it out. Slice periods are
not whole numbers of samples (1220.703 at 24414.0625 Hz and 20 slices a second), so that cutting and averaging at
whole samples leaves a large residue; here both are done at fractions of a sample.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..errors import InputError
from .drift import volume_curve
from .obs import remove_components
from .passes import ArrayRecording, first_pass, second_pass
from .plan import BlockPlan
from .template import PADDING, Acquisitions, BandLimited, Spline, gather_acquisitions, knots_per_sample, padded

GROUPS = 3  # slices that are asked whether the artefact is aliased
MOST_VOLUMES = 1200  # in which they are looked at, evenly chosen where there are more


def remove_gradient(lfp, onsets, *, fit="samples", **options) -> np.ndarray:
    """Regress an averaged artefact template out of every slice acquisition.

    With xₖ the samples of acquisition k and T its template, shifted to where the acquisition began between two
    samples, the cleaned samples are xₖ − βₖT − γₖT′, where (βₖ, γₖ) is the least-squares fit with an intercept, which
    stays. The derivative T′ shifts the template by γₖ/βₖ samples, which aligns it to each acquisition to first order.
    T is made of, and fitted to, samples less a smooth curve through the volumes' means (`drift`), which stays as well.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,)
        One channel at its raw rate.
    onsets : array of float, shape (n_volumes, n_acquisitions)
        Onsets of the slice acquisitions, in samples, not rounded.
    fit : {"samples", "differences"}
        What β and γ are fitted to: the samples, as in the study, or their first differences. LFP is strong where the
        artefact is weak, at low frequencies, and pulls β to and fro: 150 µV of LFP under 6500 µV of artefact leave 7 µV
        of it in 300–3000 Hz, which rise and fall with the LFP's own power. Differences weigh that down, and leave
        less than 2 µV.
    **options
        As for `remove_gradient_by`.

    Returns
    -------
    cleaned : ndarray, shape (n_samples,)
        Float32; samples outside the scan, and acquisitions without an artefact (with a warning), are unchanged.

    Raises
    ------
    InputError
        When the recording ends before the last acquisition or fewer than two volumes are given.

    Examples
    --------
    >>> import numpy as np
    >>> period = 100.3                                   # samples, not a whole number
    >>> onsets = 200 + period * np.arange(50)[:, None]
    >>> artefact = np.sin(2 * np.pi * 7 * (np.arange(6000) - 200) / period)
    >>> cleaned = remove_gradient(artefact, onsets)
    >>> bool(np.abs(cleaned[300:5000]).max() < 1e-3)
    True
    """
    return remove_gradient_by(lfp, onsets, (fit,), **options)[fit]


def remove_gradient_by(
    lfp, onsets, fits, *, template="per_slice", align=True, average="all", window=25, knots=0,
    components=0, components_above=0.0,
) -> dict:  # fmt: skip
    """`remove_gradient` for several ways to fit at once, which share their templates.

    Parameters
    ----------
    fits : sequence of {"samples", "differences"}
    template : {"per_slice", "pooled"}
        One template for each slice position (2022), or one for all (2024).
    align : bool
        Also fit γ.
    average : {"all", "sliding", "leave_one_out"}
        Volumes whose mean is a volume's template: all of them; the `window` nearest, for an artefact that changes
        (Allen et al. 2000), at the ends of the scan as many as inside; all but its own.
    window : int
        Volumes of a sliding mean. LFP at multiples of 1/TR is lost within 1/(window × TR) Hz.
    knots : int
        Knots per sample of a template that is a spline, for an artefact that reaches beyond half the sampling rate
        (`knots_needed`); 0 for a band-limited template.
    components : int
        Principal components of the residue that are removed too (`obs`).
    components_above : float
        Frequency above which that is done, in cycles per sample.

    Returns
    -------
    cleaned : dict of fit to ndarray, shape (n_samples,)
    """
    cleaned, n_empty, n_templates = clean_channel(
        lfp, onsets, fits, template=template, align=align, average=average, window=window, knots=knots,
        components=components, components_above=components_above,
    )  # fmt: skip
    if n_empty:
        warnings.warn(no_artefact_message(n_empty, n_templates), stacklevel=2)
    return cleaned


def clean_channel(
    lfp, onsets, fits, *, template, align, average, window, knots, components, components_above
) -> tuple[dict, int, int]:
    """`remove_gradient_by` without its warning.

    Returns
    -------
    cleaned : dict of fit to ndarray, shape (n_samples,)
    n_empty, n_templates : int
        Templates in which no artefact stands out, and all.
    """
    onsets = np.asarray(onsets, dtype=float)
    lfp = np.asarray(lfp, dtype=np.float32)
    cleaned = {fit: lfp.copy() for fit in fits}
    if in_blocks(average, knots, components):
        plan = plan_blocks(lfp.size, onsets, template)
        return cleaned, _clean_in_blocks(lfp, plan, cleaned, align), len(plan.groups)
    flat, level = _without_drift(lfp, onsets)
    groups = group_acquisitions(flat, onsets, template)
    stand_out = [_clean_group(group, cleaned, level, align, average, window, knots) for group in groups]
    if components:
        left = [group for group, stands_out in zip(groups, stand_out, strict=True) if stands_out]
        cleaned = {fit: remove_components(x, left, components, components_above) for fit, x in cleaned.items()}
    return cleaned, stand_out.count(False), len(groups)


def in_blocks(average: str, knots: int, components: int) -> bool:
    """Whether a channel can be cleaned block by block (`blockwise`): its template is one mean of all volumes."""
    return average == "all" and not knots and not components


def no_artefact_message(n_empty: int, n_templates: int) -> str:
    """A warning about templates without an artefact."""
    which = f"{n_empty} of {n_templates} templates"
    return f"no gradient artefact stands out in {which}; their acquisitions are left as they are"


def plan_blocks(size: int, onsets, template: str) -> BlockPlan:
    """The blocks of a recording of so many samples; errors as for `group_acquisitions`."""
    onsets = np.asarray(onsets, dtype=float)
    return BlockPlan(onsets, acquisition_ends(size, onsets), size, template)


def _clean_in_blocks(lfp, plan: BlockPlan, cleaned: dict, align: bool) -> int:
    """Both passes over one channel; the arrays of `cleaned` change in place. Returns the number of empty templates."""
    recording = ArrayRecording(lfp[:, None], 1.0)

    def emit(_, first, before, after):
        low, high = max(first, 0), first + len(before)
        for fit, samples in after.items():
            cleaned[fit][low:high] = samples[low - first :]

    with ThreadPoolExecutor(1) as pool:
        cleaners = first_pass(recording, [0], plan, pool, lambda *_: None, centre=False)
        return second_pass(recording, [0], plan, pool, cleaners, tuple(cleaned), align, emit)[0]


def group_acquisitions(lfp, onsets, template: str) -> list[Acquisitions]:
    """Acquisitions that share a template.

    Raises
    ------
    InputError
        When the recording ends before the last acquisition or fewer than two volumes are given.
    """
    ends = acquisition_ends(lfp.size, onsets)
    source = padded(lfp)
    if template == "pooled":
        return [Acquisitions(source, onsets.ravel(), ends.ravel(), onsets.shape[1])]
    return [Acquisitions(source, onsets[:, s], ends[:, s]) for s in range(onsets.shape[1])]


def acquisition_ends(size: int, onsets) -> np.ndarray:
    """Where each acquisition ends, in samples: where the next one begins."""
    if len(onsets) < 2:
        raise InputError("the artefact template needs at least two volumes; set artefact.template to none")
    ends = np.concatenate([onsets.ravel()[1:], [onsets[-1, -1] + _last_length(onsets)]]).reshape(onsets.shape)
    if ends[-1, -1] > size + 1:
        raise InputError(
            "the LFP ends before the last volume does; check scan_start_s, the triggers and the number of volumes"
        )
    return ends


def knots_needed(lfp, onsets, template: str = "per_slice", volumes: int | None = None) -> int:
    """Knots of the template per sample that the recording asks for (`template.knots_per_sample`).

    Parameters
    ----------
    lfp, onsets, template
        As for `remove_gradient`; `lfp` may be what gives an array when it is sliced. The slices whose artefact is
        strongest decide.
    volumes : int, optional
        Volumes of a sliding template.

    Returns
    -------
    knots : int
        0 where the artefact is not aliased.
    """
    onsets = np.asarray(onsets, dtype=float)
    ends = acquisition_ends(len(lfp), onsets)
    columns = np.arange(onsets.shape[1])
    slices = [columns] if template == "pooled" else list(columns[:, None])
    powers = []
    for c in slices:
        first = np.s_[: -(-20 // c.size)]
        few = gather_acquisitions(lfp, onsets[first, c].ravel(), ends[first, c].ravel(), c.size)
        rows = np.s_[:20]
        powers.append(float(np.var(np.diff(few.observed(rows, few.valid(rows)), axis=1))))
    strongest = [slices[i] for i in np.argsort(powers)[-GROUPS:]]
    some = np.unique(np.linspace(0, len(onsets) - 1, min(len(onsets), MOST_VOLUMES)).astype(int))
    groups = [gather_acquisitions(lfp, onsets[some][:, c].ravel(), ends[some][:, c].ravel(), c.size) for c in strongest]
    return knots_per_sample(groups, volumes)


def knots_between(
    lfp, onsets, template: str = "per_slice", between_samples: str | int = "auto", average: str = "all",
    window_volumes: int = 25,
) -> int:  # fmt: skip
    """Knots of the template per sample: as stated by `between_samples`, else as one channel asks for.

    Aliasing is a matter of the amplifier, so that one channel tells for all.

    Parameters
    ----------
    lfp, onsets
        As for `knots_needed`.
    template : {"per_slice", "pooled", "none"}
    between_samples : {"auto", "band_limited"} or int
    average, window_volumes
        Of a template that is a sliding mean, as many volumes tell.

    Returns
    -------
    knots : int
        0 for a band-limited template, and where there is none.
    """
    if template == "none" or between_samples == "band_limited":
        return 0
    if between_samples != "auto":
        return int(between_samples)
    return knots_needed(lfp, onsets, template, window_volumes if average == "sliding" else None)


def _last_length(onsets) -> float:
    """Length of a volume's last acquisition: to the start of the next volume."""
    return float(np.median(np.diff(onsets[:, 0])) - (onsets[0, -1] - onsets[0, 0]))


def _without_drift(lfp, onsets) -> tuple[np.ndarray, np.float32]:
    """A channel less its drift, in the scan and a little before and after it, and the level of the drift."""
    edges = np.floor(np.append(onsets[:, 0], onsets[-1, -1] + _last_length(onsets))).astype(int)
    low, high = max(edges[0] - PADDING, 0), min(edges[-1] + PADDING, lfp.size)
    flat = lfp.copy()
    curve = volume_curve(lfp, edges[:-1], edges[1:])
    flat[low:high] -= curve.between(low, high)
    return flat, np.float32(curve.level)


def _clean_group(a: Acquisitions, cleaned, level, align, average, window, knots) -> bool:
    """Average acquisitions that share a template, and regress it out of each; the arrays of `cleaned` change in place.

    Where there is no artefact the template is nothing but averaged LFP, and β would fit that to each acquisition and
    take the LFP away. Such a template is left unused, and the result is False.
    """
    template = BandLimited(a, average, window) if not knots else Spline(a, knots, average, window)
    if not template.stands_out:
        return False
    for block in a.blocks():
        valid, where = a.valid(block), a.where(block)
        observed = a.observed(block, valid)
        regressors = [np.where(valid, shape, 0) for shape in template.shapes(block, align)]
        for fit, samples in cleaned.items():
            samples[where[valid]] -= fitted(observed, regressors, valid, fit)[valid].astype(np.float32) + level
    return True


def fitted(observed, regressors, valid, fit) -> np.ndarray:
    """Least-squares fit of one or two regressors to each row; to differences where asked for.

    Samples are fitted with an intercept, which is not part of what is returned: it is the row's own baseline.
    """
    beta, gamma, _ = coefficients(observed, regressors, valid, fit)
    if len(regressors) == 1:
        return beta[:, None] * regressors[0]
    return beta[:, None] * regressors[0] + gamma[:, None] * regressors[1]


def coefficients(observed, regressors, valid, fit):
    """β and γ of each row, and the standard error of γ.

    Returns
    -------
    beta, gamma, error : ndarray, shape (n_rows,)
        The last two are zero with one regressor.
    """
    if fit == "samples":
        n = np.maximum(valid.sum(axis=1, keepdims=True), 1)
        seen, *shapes = (np.where(valid, rows - (rows * valid).sum(axis=1, keepdims=True) / n, 0)
                         for rows in (observed, *regressors))  # fmt: skip
    else:
        both = valid[:, 1:] & valid[:, :-1]
        seen, *shapes = (np.where(both, np.diff(rows, axis=1), 0) for rows in (observed, *regressors))
    tiny = np.finfo(float).tiny
    power = np.maximum((shapes[0] * shapes[0]).sum(axis=1), tiny)
    beta = (seen * shapes[0]).sum(axis=1) / power
    if len(regressors) == 1:
        return beta, np.zeros_like(beta), np.zeros_like(beta)
    overlap = (shapes[0] * shapes[1]).sum(axis=1) / power
    unique = shapes[1] - overlap[:, None] * shapes[0]
    unique_power = np.maximum((unique * unique).sum(axis=1), tiny)
    gamma = (seen * unique).sum(axis=1) / unique_power
    rest = np.maximum((seen * seen).sum(axis=1) - beta**2 * power - gamma**2 * unique_power, 0)
    error = np.sqrt(rest / np.maximum(valid.sum(axis=1) - 2, 1) / unique_power)
    return beta - gamma * overlap, gamma, error
