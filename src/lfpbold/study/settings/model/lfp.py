"""Sections about the LFP: removal of the gradient artefact, power in bands, and the hemodynamic response."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .fields import FilterBand, Positive, Range, Seconds, Section, setting


class Artefact(Section):
    """Removal of the gradient artefact, and the filters of the cleaned LFP."""

    read_by: ClassVar = ("artefact",)

    template: Literal["per_slice", "pooled", "none"] = setting(
        "per_slice", "per_slice (2022) | pooled over slices (2024): the papers differ | none"
    )
    clock: Literal["artefact", "triggers", "nominal"] = setting(
        "artefact",
        "how the scanner's clock is fitted to the LFP's: artefact (triggers or scan start, then the artefact's own"
        " period) | triggers | nominal",
    )
    average: Literal["all", "sliding", "leave_one_out"] = setting(
        "all",
        "volumes whose mean is a volume's template: all | sliding (the nearest window_volumes: for an artefact that"
        " changes; LFP near multiples of 1/TR is lost) | leave_one_out (all but its own)",
    )
    window_volumes: int = setting(25, "of a sliding mean", unit="volumes", ge=3, le=10_000)
    between_samples: Literal["auto", "band_limited"] | Annotated[int, Field(ge=1, le=32)] = setting(
        "auto",
        "template between two samples: auto (what the recording asks for: where gradients reach above half the rate and"
        " fold back, images of their spectrum; a spline unless average is all) | band_limited | a number of spline"
        " knots per sample",
    )
    jitter: Literal["none", "volumes"] = setting(
        "none", "none: the TR is constant | volumes: each volume's onset follows its artefact"
    )
    components: int = setting(
        0,
        "principal components of what the template leaves that are removed as well (optimal basis set); each costs some"
        " LFP above components_above_hz",
        ge=0,
        le=20,
    )
    components_above_hz: Positive = setting(
        100, "they are estimated in, and removed from, what is above this frequency, Hz", unit="Hz"
    )
    short_recording: Literal["refuse", "use"] = setting(
        "refuse", "a recording that ends before the scan: refuse | use (the volumes that it covers)"
    )
    align: bool = setting(True, "shift the template to each slice in fractions of a sample")
    fit: Literal["samples", "differences"] = setting(
        "samples",
        "what the template is fitted to: samples (as in the study) | their differences, on which the LFP weighs less;"
        " multi-unit activity always uses differences",
    )
    notch_hz: Literal["auto"] | Annotated[list[Annotated[float, Field(ge=1, le=100_000)]], Field(max_length=50)] = (
        setting(
            "auto",
            "mains: auto (multiples of 50 or 60 Hz at which the spectrum has a line) | a list, [60] in the study: each"
            " with all its multiples",
            unit="Hz",
        )
    )
    notch_slice_rate: Literal["auto"] | bool = setting(
        "auto", "multiples of the slice rate: auto (where artefact is left) | true (all, as in the study) | false"
    )
    notch_width_hz: Positive = setting(
        0.5, "−3 dB width of a notch (paper silent; 1 Hz would distort the power of narrow bands)", unit="Hz"
    )
    band_pass_hz: FilterBand = setting([0.1, 300], "zero-phase Butterworth", unit="Hz")
    filter_order: int = setting(2, "order of that filter (paper silent)", ge=1, le=8)
    fs_hz: float = setting(1000, "sampling rate of the cleaned LFP", unit="Hz", ge=1, le=100_000)
    multiunit_hz: Range | None = setting(
        [300, 3000],
        "control: power of multi-unit activity, measured at the raw rate as far as that allows; null for none",
        unit="Hz",
    )

    max_unusable_fraction: float = setting(
        0.2,
        "share of the scan that may be no LFP (held, filled with zeros, at the limits of the converter, moved, without"
        " contact): power is interpolated there and volumes that rest on it are censored; a channel of which more is"
        " none is not used",
        ge=0,
        le=1,
    )


class Power(Section):
    """Power of the cleaned LFP in bands."""

    read_by: ClassVar = ("power",)

    window_s: Seconds = setting(1.0, "MATLAB spectrogram: window and step", unit="s")
    step_s: Seconds = setting(0.1, unit="s")
    infraslow_window_s: Seconds = setting(
        5.0,
        "window for bands that end at 1 Hz or below: in 1 s they have one bin, at 0.98 Hz, which holds mostly delta's"
        " leakage (paper silent; the 1-Hz bin f000 is that other reading)",
        unit="s",
    )
    taper: Literal["hamming", "hann", "boxcar"] = setting("hamming", "symmetric hamming | hann | boxcar (nothing)")
    one_hz: Annotated[list[Annotated[int, Field(ge=0, le=999)]], Field(min_length=2, max_length=2)] | None = setting(
        [0, 100], "range of the 1-Hz bins, Hz; null for none", unit="Hz"
    )
    channels: Literal["mean_power", "mean_signal"] = setting(
        "mean_power", "mean_power: power of each channel, then averaged (paper silent) | mean_signal"
    )


class Hrf(Section):
    """From power to regressors: convolution with the hemodynamic response."""

    read_by: ClassVar = ("hrf",)

    p: list[Annotated[float, Field(ge=-1000, le=1000)]] = setting(
        [4, 4, 1, 1, 6, 0, 32],
        "spm_hrf: delays of response and undershoot, dispersions, ratio, onset, length (s)",
        unit="s",
        min_length=7,
        max_length=7,
    )
    sample_at_s: float = setting(
        0.0, "time within a volume at which the regressor is sampled (paper silent)", unit="s", ge=-20, le=20
    )
    detrend: Literal["constant", "linear"] = setting(
        "constant", "constant | linear: removed from the power before convolution (paper silent)"
    )
    band_pass: Literal["none", "power", "regressor"] = setting(
        "none",
        "none | power: filter the power like the BOLD before convolution | regressor: after (paper silent; the BOLD"
        " side is filtered in any case)",
    )
