"""Every number of the simulation, with its unit, and the presets that choose them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import yaml

from . import limits
from .atlas import VARIANCE
from .flaws import ROUGH, Flaws

BANDS = MappingProxyType(
    {
        "delta": (1.0, 4.0),
        "theta": (4.0, 7.0),
        "alpha": (7.0, 13.0),
        "beta": (13.0, 30.0),
        "gamma": (40.0, 100.0),
    }
)
"""Half-open frequency bands of the study, in Hz."""

REST = "rest"
"""Task label of runs without stimulation."""


def _share() -> dict:
    return {"sedated": {"M1": 0.35, "ACC": 0.25}, "awake": {"M1": 0.02, "ACC": 0.05}}


def _band_gain() -> dict:
    return {"delta": -0.45, "theta": -0.40, "alpha": -0.22, "beta": -0.14, "gamma": 0.70}


def _band_own() -> dict:
    return {"delta": 0.70, "theta": 0.70, "alpha": 0.70, "beta": 0.70, "gamma": 0.30}


def _band_uv() -> dict:
    return {"delta": 85.0, "theta": 60.0, "alpha": 42.0, "beta": 32.0, "gamma": 24.0}


@dataclass(frozen=True)
class Parameters(Flaws):
    """All settings of one simulated dataset; what life adds to it stands in `flaws.Flaws`.

    A field without a unit in its name is a count, a ratio or a name; the comment beside it says which.
    """

    seed: int = 4  # every random number descends from it

    # --- who is recorded
    animal_sites: tuple = (
        ("M1", "ACC"),
        ("M1", "ACC"),
        ("ACC",),
    )  # one entry per animal: its electrode sites
    states: tuple = ("sedated", "awake")  # one session each, ses-01, ses-02, ...
    runs: int = 2  # runs per session
    site_labels: dict = field(default_factory=dict)  # site -> label of its region; empty = found by region name

    # --- scanner
    n_volumes: int = 300
    tr_s: float = 1.0  # repetition time
    n_slices: int = 20  # synthetic atlas only; slice rate = n_slices / tr_s and its multiples are notched later
    matrix: tuple = (20, 24)  # synthetic atlas only: in-plane voxels (left-right, back-front)
    voxel_mm: tuple = (0.9, 1.0, 0.6)  # synthetic atlas only
    slice_order: str = "interleaved"  # or "ascending"
    echo_time_s: float = 0.015
    flip_angle_deg: float | None = None  # None for the Ernst angle
    field_tesla: float = 7.0
    t1_s: float | None = None  # of grey matter; None for what the field strength gives (`sequence.relaxation`)
    t2star_s: float | None = None  # the same

    # --- clocks
    clock_ppm_max: float = 40.0  # each run's clock_ppm is uniform in +-this; a scanner second = 1 + ppm 1e-6 LFP s
    clock_ppm: float | None = None  # one fixed value for every run instead
    lead_s: float = 11.0  # LFP recorded before the first volume (plus up to 1 s, random)
    tail_s: float = 2.5  # LFP recorded after the last volume
    trigger_jitter_s: float = 1e-5  # standard deviation of the trigger time stamps
    untriggered: int = 0  # how many recordings have no triggers (their scan_start_s stands in the sheet)

    # --- latent activity
    band_hz: tuple = (0.01, 0.1)  # activity is flat within and zero outside (activity_exponent changes that)
    share: dict = field(default_factory=_share)  # visible share of the region's activity, per state and site
    region_variance: dict = field(default_factory=lambda: dict(VARIANCE))  # synthetic atlas only: shares in common
    region_fwhm_mm: float = 1.2  # blur of the region indicators that gives smooth spatial maps

    # --- stimulation
    evoked_runs: int = 0  # further runs of each session, with blocks of stimulation
    task: str = "whisker"  # their task label
    trial_type: str = "stimulus"  # in events.tsv
    stimulated_site: str = "M1"  # whose region is stimulated; those that go with it follow
    block_s: float = 15.0  # length of a block
    pause_s: tuple = (20.0, 30.0)  # range of the pauses between them, uniform
    drive_lfp: float = 1.5  # what a block adds to V, the activity that the electrode sees, in its own sd
    drive_bold: float = 4.0  # to the part of the region's activity that the electrode does not see
    rest_left: float = (
        0.5  # of spontaneous activity, and of what power has of its own, in a run with blocks (amplitude)
    )
    drive_own: float = 1.5  # to what power has of its own, in the direction in which V moves it

    # --- LFP
    fs_hz: float = 6103.515625  # TDT: 25e6 / 4096
    n_channels: int = 4
    dtype: str = "int16"  # or "float32"
    lfp_sd_uv: float = 150.0  # clean LFP, mean over channels
    background_uv: float = 70.0  # relative weight (before scaling to lfp_sd_uv) of the 1/f background
    background_exponent: float = 1.5  # power spectral density ~ 1 / f ** exponent above 0.5 Hz
    background_common: float = 0.5  # share of the background variance common to all channels
    band_uv: dict = field(default_factory=_band_uv)  # relative weight of the band carriers
    band_gain: dict = field(default_factory=_band_gain)  # g_b: log power of band b per unit of V
    band_own: dict = field(default_factory=_band_own)  # q_b: sd of log power that follows nothing in the brain's BOLD
    site_band_gain: dict = field(default_factory=dict)  # site -> band (or multiunit) -> gain there, if another
    site_band_own: dict = field(default_factory=dict)  # the same for q
    multiunit_uv: float = 8.0  # rms in 300-3000 Hz; a rate that holds less of the band has less of it
    multiunit_gain: float = 0.50  # g of the multi-unit power
    multiunit_own: float = 0.40  # its q
    multiunit_common: float = 0.3  # share of its variance common to all channels
    channel_gain_sd: float = 0.15  # spread of the channel gains
    line_uv: float = 30.0  # amplitude of the mains
    dc_uv: float = 200.0  # standard deviation of the electrodes' offsets
    amplifier_uv: float = 1.0  # white noise of the amplifier, standard deviation at fs_hz
    artefact_ratio: float = 50.0  # sd of the gradient artefact during the scan / sd of the clean LFP
    artefact_max_hz: float = 5000.0  # upper edge of the artefact, at most 0.42 fs_hz
    artefact_modulation: float = 0.01  # sd of its slow amplitude modulation
    artefact_slice_common: float = 0.5  # share of its variance that all slices have in common

    # --- BOLD
    hrf_p: tuple = (4.0, 4.0, 1.0, 1.0, 6.0, 0.0, 32.0)  # SPM form; s
    r2star_sd: float = 2 / 3  # sd of R2* at the most active voxels, 1/s: 1 % of the signal at an echo time of 15 ms
    cnr: float = 1.3  # sd of the signal at these voxels / sd of the thermal noise, before smoothing; both this and
    intensity: float = 8000.0  # that of grey matter (scanner units) hold for TE 15 ms, TR 1 s and the Ernst angle
    drift_fraction: float = 0.01  # sd of the drift at the end of the scan
    physio_fraction: float = 0.003  # sd of the slow global physiological noise in grey matter
    respiration_fraction: float = 0.0015  # amplitude in grey matter
    cardiac_fraction: float = 0.001  # amplitude in grey matter; strong in the ventricles
    motion_step_mm: float = 0.001  # sd of the steps of the random walk, per axis and volume
    motion_step_rad: float = 0.0002
    spikes: dict = field(default_factory=lambda: {"awake": 0.016})  # brief displacements per volume, per state
    spike_fd_mm: tuple = (0.18, 0.45)  # range of their framewise displacement
    jump_mm: float = 0.3  # the lasting jump of one sedated run
    jumps: int = 0  # number of sedated runs that have it (from the last run backwards)

    # --- truth
    replicates: int = 100  # of the Monte-Carlo for the expected temporal r
    fd_mm: float = 0.1  # framewise displacement above which a volume counts as moved
    fwhm_mm: float = 0.75  # smoothing of the clean BOLD

    @property
    def span_s(self) -> float:
        """Period of the latent activity: scan, what was recorded around it, and a minute, so that nothing returns."""
        return self.n_volumes * self.tr_s + self.lead_s + self.tail_s + 60.0

    @property
    def activity_hz(self) -> tuple[float, float]:
        """Lowest and highest frequency of activity: `band_hz`, or from one cycle a recording where it is slow."""
        return (1 / self.span_s, self.band_hz[1]) if self.activity_exponent else tuple(self.band_hz)

    @property
    def signal_fraction(self) -> float:
        """Standard deviation of the signal at the most active voxels / mean intensity, to first order: TE sd(R2*)."""
        return self.echo_time_s * self.r2star_sd


def _paper() -> Parameters:
    """A study whose *recovered* numbers resemble the sedated rows of Tu et al. 2024 (docs/validation.md).

    An analysis loses about 1 - sqrt(1 - 9 / n_eff), 3 % at 1200 volumes, to its nine nuisance regressors, so
    that the true temporal r are 1.035 times the published ones. The knobs, and what each sets:

    * temporal r of gamma: at M1 `band_own.gamma` (power that BOLD does not share; the visible share stays the
      study's own estimate, .35), at ACC `share.sedated.ACC`, for the same gains;
    * temporal r of the other bands: `band_gain` at M1, `site_band_gain.ACC`;
    * temporal r of multi-unit power, 90 % of gamma's: `multiunit_own`;
    * scan-wise spatial r = r / sqrt(r^2 + k^2), k = .49 in the study: k is the sd over voxels of a map's noise
      (n_volumes) relative to that of the seed map, which falls with `cnr` and with what the regions have in
      common (`region_variance`);
    * spatial r of averaged maps, k = .156 in the study: k falls with the root of the number of scans per site
      (12 here; the study's 159 would give less if its maps held nothing but noise and the seed map).
    * `r2star_sd` falls with `cnr`, so that the images are hardly noisier than the demo's and the estimates
      of motion stay far below the threshold.
    """
    return Parameters(
        animal_sites=(("M1", "ACC"),) * 6, states=("sedated",), runs=2, n_volumes=1200, n_channels=2,
        cnr=0.6, r2star_sd=0.4, physio_fraction=0.002, respiration_fraction=0.001, cardiac_fraction=0.0007,
        region_variance={"whole": 0.06, "network": 0.15, "homologue": 0.22},
        share={"sedated": {"M1": 0.35, "ACC": 0.089}},
        band_gain={"delta": -0.366, "theta": -0.345, "alpha": -0.18, "beta": -0.095, "gamma": 0.70},
        band_own={"delta": 0.70, "theta": 0.70, "alpha": 0.70, "beta": 0.70, "gamma": 0.47},
        site_band_gain={"ACC": {"delta": -0.615, "theta": -0.089, "alpha": -0.115, "beta": -0.033}},
        multiunit_own=0.49,
    )  # fmt: skip


PRESETS = MappingProxyType(
    {
        "demo": Parameters(untriggered=1, jumps=1),
        "full": Parameters(
            animal_sites=(("M1",),), states=("sedated",), runs=1, n_volumes=1200, matrix=(64, 64),
            voxel_mm=(0.5, 0.5, 1.0), fs_hz=24414.0625, n_channels=16, dtype="float32",
        ),
        "tiny": Parameters(
            animal_sites=(("M1",), ("M1", "ACC")), states=("sedated",), runs=1, n_volumes=120, n_slices=10,
            matrix=(10, 12), voxel_mm=(1.8, 2.0, 1.2), fs_hz=3051.7578125, n_channels=2, replicates=100,
            untriggered=1,
        ),
        "evoked": Parameters(
            animal_sites=(("M1",),) * 6, states=("sedated",), runs=1, evoked_runs=1, n_volumes=240, n_slices=10,
            matrix=(10, 12), voxel_mm=(1.8, 2.0, 1.2), fs_hz=3051.7578125, n_channels=2, replicates=100,
        ),
        "paper": _paper(),
        "rough": Parameters(**ROUGH),
    }
)  # fmt: skip


def resolve(preset: str, overrides: Mapping[str, Any] | None = None, seed: int | None = None) -> Parameters:
    """Parameters of a preset with overrides.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`.
    overrides : mapping, optional
        Field name -> value. Text is read as YAML, so command lines can pass it on. An entry of a mapping can
        be reached with dots: ``{"share.sedated.M1": 0.5}``.
    seed : int, optional
        Replaces the seed of the preset.

    Returns
    -------
    Parameters

    Raises
    ------
    ValueError
        For an unknown preset or field (with the nearest known name), or a value of the wrong kind.

    Examples
    --------
    >>> resolve("tiny", {"n_volumes": "90"}).n_volumes
    90
    """
    if preset not in PRESETS:
        raise ValueError(f"preset '{preset}' is not known{_hint(preset, PRESETS)}")
    parameters = PRESETS[preset]
    known = [f.name for f in fields(Parameters)]
    for name, value in (overrides or {}).items():
        head, *path = name.split(".")
        if head not in known:
            raise ValueError(f"parameter '{head}' is not known{_hint(head, known)}")
        old = getattr(parameters, head)
        if path and not isinstance(old, dict):
            raise ValueError(f"parameter '{name}': {head} has no entries")
        value = yaml.safe_load(value) if isinstance(value, str) else value
        for key in reversed(path):
            value = {key: value}
        parameters = replace(parameters, **{head: _like(head, value, old)})
    if seed is not None:
        parameters = replace(parameters, seed=int(seed))
    limits.check(parameters)
    return parameters


def condition(state: str, task: str) -> str:
    """State and task in one word, such as sedatedWhisker; the state alone at rest."""
    return state if task == REST else state + task[0].upper() + task[1:]


def at_site(p: Parameters, site: str) -> Parameters:
    """Parameters as they hold at one site: what `site_band_gain` and `site_band_own` say replaces the rest."""
    gain, own = dict(p.site_band_gain.get(site, {})), dict(p.site_band_own.get(site, {}))
    return replace(
        p, multiunit_gain=gain.pop("multiunit", p.multiunit_gain), multiunit_own=own.pop("multiunit", p.multiunit_own),
        band_gain={**p.band_gain, **gain}, band_own={**p.band_own, **own},
    )  # fmt: skip


def _hint(name: str, known) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(known))}"


def _like(name: str, value: Any, old: Any) -> Any:
    """`value` as the type of `old`; mappings are merged so that one entry can be changed."""
    try:
        if isinstance(old, dict):
            merged = dict(old)
            for key, item in value.items():
                merged[key] = _like(name, item, old.get(key, {})) if isinstance(item, Mapping) else float(item)
            return merged
        if isinstance(old, tuple):
            return tuple(tuple(v) if isinstance(v, list) else v for v in value)
        if old is None or name in ("clock_ppm", "flip_angle_deg", "t1_s", "t2star_s"):
            return None if value is None else float(value)
        if isinstance(old, int) and float(value) != int(float(value)):
            raise ValueError
        return type(old)(float(value)) if isinstance(old, int) else type(old)(value)
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"parameter '{name}': {value!r} is not a value like {old!r}") from None
