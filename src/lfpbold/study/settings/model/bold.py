"""Sections about the BOLD: realignment and registration, and cleaning."""

from __future__ import annotations

from typing import ClassVar, Literal

from .fields import FilterBand, Positive, Section, setting


class Motion(Section):
    """Realignment of the volumes, and registration to the atlas."""

    read_by: ClassVar = ("motion",)

    correct: bool = setting(True, "rigid realignment of every volume")
    reference: Literal["first", "middle", "mean"] = setting(
        "first", "volume that the others are aligned to: first | middle | mean"
    )
    sampling: float = setting(
        0.2, "share of the voxels on which volumes are compared; more is finer and slower", gt=0, le=1
    )
    radius_mm: Positive = setting(
        5.0, "radius on which rotations become millimetres in framewise displacement (rat)", unit="mm"
    )
    registration: Literal["auto", "none", "rigid", "affine", "syn"] = setting(
        "auto",
        "to atlas.anatomy: auto (none where the grid is the atlas's, else affine) | none | rigid | affine | syn",
    )
    interpolation: Literal["linear", "bSpline"] = setting("linear", "linear | bSpline")
    max_unusable_fraction: float = setting(
        0.04,
        "share of volumes that are no data (empty, partly empty, repeated, overflowed, of another brightness) above"
        " which a run cannot be used; up to it they are censored with a warning. Volumes before the steady state are"
        " censored and do not count. Also the share of volumes without signal above which a voxel is excluded",
        ge=0,
        le=1,
    )


class Bold(Section):
    """Smoothing, nuisance regression and filter."""

    read_by: ClassVar = ("bold",)
    # Then, and only then, the regressors are filtered like the BOLD.
    read_when: ClassVar = {"hrf": {"hrf.band_pass": ["power", "regressor"]}}

    fwhm_mm: float = setting(0.75, "Gaussian smoothing; 0 for none", unit="mm", ge=0, le=100)
    detrend: Literal["linear", "constant"] = setting(
        "linear", "linear | constant, with the nuisance regressors (paper silent)"
    )
    motion: bool = setting(
        True,
        "nuisance: six motion parameters. Estimates of a still animal can follow activation, and six regressors take a"
        " ninth of the independent samples of five minutes: compare with a variant without them",
    )
    white_matter: bool = setting(True, "nuisance: mean of white matter")
    ventricles: bool = setting(True, "nuisance: mean of the ventricles")
    global_signal: bool = setting(True, "nuisance: mean of the brain")
    filtering: Literal["butterworth", "projector"] = setting(
        "butterworth",
        "butterworth: nuisance regression, then a zero-phase filter, of the BOLD alone, as in the study | projector:"
        " band, nuisance and censored volumes in one least-squares projection, the same for the BOLD and the LFP"
        " regressors",
    )
    band_pass_hz: FilterBand | None = setting([0.01, 0.1], "null for none", unit="Hz")
    filter_order: int = setting(2, "Butterworth, zero phase", ge=1, le=8)
    filter_padding: Literal["odd", "even", "gustafsson"] = setting(
        "odd",
        "edges of the zero-phase filter: odd (MATLAB's and SciPy's default; fourfold variance at the edges) | even |"
        " gustafsson",
    )
