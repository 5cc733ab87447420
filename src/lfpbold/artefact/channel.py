"""One channel, cleaned of the artefact: block by block, or held whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .drift import volume_curve
from .least_squares import fitted
from .obs import remove_components
from .passes import ArrayRecording, first_pass, second_pass
from .plan import BlockPlan, acquisition_ends, last_length, plan_blocks
from .template import PADDING, Acquisitions, BandLimited, Spline, padded


def clean_channel(
    lfp, onsets, fits, *, template, align, average, window, knots, images, components, components_above
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
    if average == "all" and not knots:
        stand_out = _clean_in_blocks(lfp, plan_blocks(lfp.size, onsets, template, images), cleaned, align)
    else:
        flat, level = _without_drift(lfp, onsets)
        groups = group_acquisitions(flat, onsets, template)
        stand_out = [_clean_group(group, cleaned, level, align, average, window, knots) for group in groups]
    if components:
        groups = group_acquisitions(lfp, onsets, template)
        left = [group for group, stands_out in zip(groups, stand_out, strict=True) if stands_out]
        cleaned = {fit: remove_components(x, left, components, components_above) for fit, x in cleaned.items()}
    return cleaned, stand_out.count(False), len(stand_out)


def in_blocks(average: str, knots: int, components: int) -> bool:
    """Whether a channel can be cleaned block by block (`blockwise`): its template is one mean of all volumes."""
    return average == "all" and not knots and not components


def no_artefact_message(n_empty: int, n_templates: int) -> str:
    """A warning about templates without an artefact."""
    which = f"{n_empty} of {n_templates} templates"
    return f"no gradient artefact stands out in {which}; their acquisitions are left as they are"


def _clean_in_blocks(lfp, plan: BlockPlan, cleaned: dict, align: bool) -> list[bool]:
    """Both passes over one channel; the arrays of `cleaned` change in place. Returns which templates stand out."""
    recording = ArrayRecording(lfp[:, None], 1.0)

    def emit(_, first, before, after):
        low, high = max(first, 0), first + len(before)
        for fit, samples in after.items():
            cleaned[fit][low:high] = samples[low - first :]

    with ThreadPoolExecutor(1) as pool:
        cleaners = first_pass(recording, [0], plan, pool, lambda *_: None, centre=False)
        second_pass(recording, [0], plan, pool, cleaners, tuple(cleaned), align, emit)
    return cleaners[0].stand_out


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


def _without_drift(lfp, onsets) -> tuple[np.ndarray, np.float32]:
    """A channel less its drift, in the scan and a little before and after it, and the level of the drift."""
    edges = np.floor(np.append(onsets[:, 0], onsets[-1, -1] + last_length(onsets))).astype(int)
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
