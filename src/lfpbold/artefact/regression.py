"""Removal of the gradient artefact from LFP recorded inside the scanner, by template regression.

After Tu & Zhang, eLife 2022;11:e81555 and Tu, Cramer & Zhang, eLife 2024;13:RP95680: cut the recording into slice
acquisitions, average them to a template, align the template to each of them and regress it out. Slice periods are
not whole numbers of samples (1220.703 at 24414.0625 Hz and 20 slices a second), so that cutting and averaging at
whole samples leaves a large residue; here both are done at fractions of a sample.
"""

from __future__ import annotations

import warnings

import numpy as np

from .channel import clean_channel, no_artefact_message


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
    lfp, onsets, fits, *, template="per_slice", align=True, average="all", window=25, knots=0, images=0,
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
    images : int
        On either side, of the spectrum of such an artefact (`images_needed`), in place of a spline; of a mean of all.
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
        images=images, components=components, components_above=components_above,
    )  # fmt: skip
    if n_empty:
        warnings.warn(no_artefact_message(n_empty, n_templates), stacklevel=2)
    return cleaned
