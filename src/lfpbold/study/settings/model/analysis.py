"""Sections about BOLD and LFP together: correlation, networks, null distributions, responses to stimuli."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .fields import ContrastName, Label, Positive, Regions, Seconds, Section, Steps, Window, setting


class Coupling(Section):
    """Correlation of the BOLD with the LFP's regressors, in time and in space."""

    read_by: ClassVar = ("coupling",)

    seed_radius_mm: Positive = setting(
        1.0, 'sphere around seed_mm (paper: "around the electrode")', unit="mm", read_by=("seed",)
    )
    lag_max_s: float = setting(
        20.0, "lagged cross-correlation from −lag to +lag", unit="s", read_by=("nulls",), ge=0, le=1000
    )
    grid_delay_s: Steps | None = setting(
        [2, 8, 0.25], "temporal r over a grid of HRFs: delay of the response, first, last, step", unit="s"
    )
    grid_undershoot_s: Steps | None = setting(
        [2, 12, 0.5], "and of the undershoot; null in either for no grid", unit="s"
    )
    shuffle: bool = setting(True, "control: map of the main band's power with its frames in random order")
    information: Literal["equal_width", "equal_occupancy", "gaussian_copula"] = setting(
        "equal_width",
        "mutual information: equal_width (bins as histogram functions make them) | equal_occupancy (as many samples in"
        " each), both biased upwards | gaussian_copula (nearly unbiased; sees monotonic relations only) (paper silent)",
    )
    information_bins: int = setting(10, "bins of each variable, for the first two", ge=2, le=100)


class Networks(Section):
    """Maps of the seed before and after the LFP is regressed out."""

    read_by: ClassVar = ("networks",)

    # `coupling` shuffles it, and searches for its best HRF.
    main_band: str = setting("gamma", "the band whose removal, peaks and headline are reported", read_by=("coupling",))
    removal_bands: list[str] = setting(["delta", "theta", "alpha", "beta", "gamma"], min_length=1, max_length=100)
    peak_percentile: float = setting(
        85, "volumes whose main-band regressor is above it are censored in `peaks`", unit="%", gt=0, lt=100
    )


class Target(Section):
    """Where a network's peak is sought."""

    network: Annotated[str, Field(max_length=1000)] = setting(...)
    labels: Regions = setting(...)


class Connectivity(Section):
    """Networks of the whole brain, with the LFP and without it."""

    read_by: ClassVar = ("connectivity",)

    regions: bool = setting(True, "region × region matrices; they need atlas.labels", read_by=("networks",))
    surrogates: int = setting(
        200,
        "regressors with the main band's r to the seed that are regressed out in its place: what removal of any such"
        " regressor does; 0 for none",
        ge=0,
        le=100_000,
    )
    seeds: dict[Label, Regions] = setting(
        {},
        "networks of further seeds, name: [label, …]; the electrode's own is always one: `seed`",
    )
    targets: dict[Label, Target] | None = setting(
        None,
        "where a network's peak is sought, name: {network: seed, labels: [label, …]}; null: the electrode's own regions"
        " on the other side, in an atlas whose sides are signs of one number",
    )
    components: int = setting(0, "networks by group ICA; 0 for none", ge=0, le=200)


class Nulls(Section):
    """Null distributions, and the closed-form expectation under mediation, from surrogates of the regressors."""

    read_by: ClassVar = ("nulls",)

    surrogates: int = setting(0, "of each regressor; 0 for none, as in the study", ge=0, le=100_000)
    lag_surrogates: int = setting(
        199, "of the power, for the maximum over all lags; each costs as many projections as lags", ge=19, le=100_000
    )
    rim_voxels: int = setting(
        1, "rim around the seed that is excluded from a second comparison of maps", unit="voxels", ge=0, le=20
    )
    window_s: Seconds = setting(
        60,
        "sliding windows: length; shorter than the longest period of the band sees mostly noise",
        unit="s",
    )
    window_step_s: Seconds = setting(10, "and distance of one from the next", unit="s")
    response_s: list[Annotated[float, Field(ge=-60, le=120)]] = setting(
        [-4, 24],
        "first and last lag of the response that is estimated from power and BOLD",
        unit="s",
        min_length=2,
        max_length=2,
    )
    bootstrap: int = setting(2000, "how often whole animals are resampled for an interval", ge=100, le=1_000_000)


class Evoked(Section):
    """Runs with stimuli: a BIDS events.tsv beside the BOLD, or the sheet's column `events`. Without any,
    nothing here is read.
    """

    read_by: ClassVar = ("glm", "evoked")

    contrasts: dict[ContrastName, Annotated[dict[str, float], Field(min_length=1)]] = setting(
        {},
        "name: {trial_type: weight, …}, such as left_over_right: {left: 1, right: -1}; of those none of which fits a"
        " run, each of its trial types is set against baseline",
    )
    high_pass_hz: Positive = setting(
        0.01,
        "drift: cosines up to this frequency are in the model. The lower edge of bold.band_pass_hz; stimuli must repeat"
        " faster, or the model takes them for drift",
        unit="Hz",
    )
    noise_model: Literal["ar1", "ols"] = setting(
        "ar1",
        "ar1: noise of a volume depends on that of the one before, and is whitened | ols: it does not, which finds"
        " responses where there are none (.20 instead of .05 for blocks, ρ = .4)",
    )
    global_signal: bool = setting(
        False,
        "mean of the brain among the nuisance regressors: a response that much of the brain shares would be"
        " regressed out with it. The others are those of `bold`",
    )
    cluster_p: float = setting(
        0.001,
        "voxels beyond this one-sided p of t form clusters; .01 lets them grow together (Woo et al. 2014)",
        gt=0,
        le=0.1,
    )
    alpha: float = setting(
        0.05, "family-wise p, of the largest cluster under the null, up to which a cluster is shown", gt=0, le=0.5
    )
    permutations: int = setting(
        499,
        "of one scan; of animals all sign patterns, or as many as this of more than twelve",
        ge=19,
        le=100_000,
    )
    permute: Literal["sign_flips", "shifts"] = setting(
        "sign_flips",
        "in one scan: sign_flips of the volumes that the whitened model leaves | shifts of the stimuli, which rest on"
        " no model of the noise, but find nothing where stimuli come at equal distances",
    )
    delay_s: float = setting(
        2.0,
        "plain subtraction: volumes from onset to end of a stimulus, as much later (BOLD follows power by about 2 s in"
        " the rat)",
        unit="s",
        ge=0,
        le=60,
    )
    baseline_s: Window = setting([-5, 0], "around onset: what averages and subtraction start from", unit="s")
    window_s: Window = setting([-5, 30], "around onset: what averages show", unit="s")
    step_s: Positive = setting(0.5, "and at what distance", unit="s")
