"""Which notches one recording gets: those that the settings name, or those at which there is a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...artefact.quality import mean_spectrum
from ...errors import Doubt
from ...spectral import filters, lines
from ...timing.clock import Clock
from .mains import STATED, missed_mains

STRONG = 1.0  # power of lines that no notch takes out against that of the LFP around them
LOOKED_AT = 4  # channels, evenly chosen
WINDOW_S, WINDOW_VOLUMES, FEWEST = 8.0, 8, 4  # of a spectrum, and the fewest windows that a recording is cut into


@dataclass(frozen=True)
class Notches:
    """Notches of one recording.

    Attributes
    ----------
    hz : ndarray
        Their centres, ascending.
    mains_hz : tuple of float
        Mains that were seen or named: lines at its multiples are not the gradient artefact's.
    seen : dict of float to list of float
        Mains that was seen, and the multiples at which it was.
    notes : list of str
        Warnings, one sentence each.
    """

    hz: np.ndarray
    mains_hz: tuple[float, ...]
    seen: dict
    notes: list


def choose_notches(channels, fs_hz: float, clock: Clock, options, stated_hz: float | None = None) -> Notches:
    """Notches within the band-pass of LFP at a rate.

    Parameters
    ----------
    channels : ndarray, shape (n_channels, n_samples)
        The scan without gradient artefact, before any notch.
    fs_hz : float
    clock : Clock
    options : CleanOptions
        `notch_hz`, `notch_slice_rate`, `band_pass_hz`.
    stated_hz : float, optional
        Frequency of the mains by the dataset (`PowerLineFrequency`).
    """
    highest_hz = min(options.band_pass_hz[1], 0.49 * fs_hz)
    slice_rate_hz = clock.n_acquisitions / clock.tr_s if clock.n_acquisitions > 1 else None
    spectra = _spectra(channels, fs_hz, clock)
    seen = lines.mains_lines(spectra, highest_hz, repeats_hz=1 / clock.period_s, slice_rate_hz=slice_rate_hz,
                             stated_hz=stated_hz)  # fmt: skip
    if options.notch_hz == "auto":
        centres = [hz for multiples in seen.values() for hz in multiples]
        named: tuple[float, ...] = ()
    else:
        named = tuple(options.notch_hz)
        centres = list(filters.notch_frequencies(named, None, highest_hz))
    if slice_rate_hz and options.notch_slice_rate:
        multiples = filters.notch_frequencies((), slice_rate_hz, highest_hz)
        if options.notch_slice_rate == "auto":
            multiples = lines.lines_there(spectra, multiples, 1 / clock.period_s)
        centres += list(multiples)
    hz = _distinct(centres)
    notes = missed_mains(stated_hz, options.notch_hz, STATED) + _notes(seen, hz, named, stated_hz, spectra)
    return Notches(hz, tuple(dict.fromkeys((*named, *seen))), seen, notes)


def _spectra(channels, fs_hz, clock) -> list[lines.Spectrum]:
    some = np.unique(np.linspace(0, len(channels) - 1, min(len(channels), LOOKED_AT)).astype(int))
    window_s = min(max(WINDOW_S, WINDOW_VOLUMES * clock.period_s), np.shape(channels)[1] / fs_hz / FEWEST)
    spectra = []
    for position in some:
        frequencies, density = mean_spectrum(channels[position], fs_hz, window_s)
        n_segments = max(1, int(2 * np.shape(channels)[1] / fs_hz / window_s) - 1)
        spectra.append(lines.Spectrum(frequencies, density, n_segments))
    return spectra


def _distinct(centres) -> np.ndarray:
    kept: list[float] = []
    for hz in sorted(centres):
        if not kept or hz - kept[-1] > 1e-3:
            kept.append(float(hz))
    return np.array(kept)


def _notes(seen, notched, named, stated_hz, spectra) -> list[str]:
    notes: list[str] = []
    for base, multiples in seen.items():
        missed = [hz for hz in multiples if not np.any(np.abs(notched - hz) < 0.2)]
        if missed:
            told = ", ".join(f"{hz:g}" for hz in missed[:4])
            share = max(sum(spectrum.line_share(hz) for hz in missed) for spectrum in spectra)
            text = (
                f"the spectrum has a mains line of {base:g} Hz (at {told} Hz), {100 * share:.0f} % of the power around"
                f" it, but artefact.notch_hz is {', '.join(f'{hz:g}' for hz in named) or 'empty'}; set it to auto or to"
                f" {base:g}"
            )
            notes.append(Doubt("mains_left" if share > STRONG else "mains_missed", text))
        if stated_hz and abs(base - stated_hz) > 1:
            notes.append(
                f"the dataset's PowerLineFrequency is {stated_hz:g} Hz, but the spectrum has lines of {base:g} Hz"
            )
    return notes
