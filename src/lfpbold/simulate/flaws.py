"""What life adds to a recording: options that are all off by default, and the preset that has all of them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Flaws:
    """Parameters of everything that goes wrong in laboratories; zero (or empty) leaves a flaw out.

    A field without a unit in its name is a count, a ratio or a name; the comment beside it says which.
    """

    # --- the electrode and its amplifier
    electrode_drift_uv: float = 0.0  # sd of the volume means of a slow random walk of each contact
    electrode_drift_max_hz: float = 0.2  # its upper edge
    dc_offset_uv: float = 0.0  # offset of all contacts, beside dc_uv
    antialias_hz: float = 0.0  # corner of a fourth-order Butterworth; above fs_hz / 2 gradients fold back. 0: ideal
    rail_fraction: float = 0.0  # share of the samples during the scan at the converter's rails
    line_hz: float = 60.0  # frequency of the mains
    line_harmonics: tuple = (1.0, 0.0, 0.25)  # amplitudes of line_hz, twice, three times ..., in units of line_uv
    line_wax: float = 0.0  # sd of the log amplitude of the mains, which waxes and wanes within 20 to 200 s

    # --- the brain's signals
    activity_exponent: float = 0.0  # activity and what power has of its own ~ 1/f**this from 1/T up; 0: flat in band_hz
    band_overlap_octaves: float = 0.0  # LFP ~ 1/f**background_exponent, bands cross over this width; 0: sharp bands
    seed_reliability: float = 1.0  # share of the BOLD variance of the electrode's region that belongs to the network
    hrf_delay_s: float = 0.0  # responses of voxels are early or late by up to this, uniform and smooth in space

    # --- the body
    respiration_hz: float = 0.0  # 0: 1.3 sedated, 1.7 awake; a human's is 0.3
    cardiac_hz: float = 0.0  # 0: 5.7 sedated, 6.2 awake
    respiration_uv: float = 0.0  # amplitude in the LFP; in BOLD it is respiration_fraction
    cardiac_uv: float = 0.0  # the same of the heart, whose wave has five harmonics
    movements_per_min: float = 0.0  # brief movements that LFP and BOLD show at the same moment
    movement_uv: float = 3000.0  # their size in the LFP: a damped oscillation, and a step of half of it
    movement_step_s: float = 2.0  # time in which the step decays to 1/e
    movement_fd_mm: tuple = (0.03, 0.07)  # range of their framewise displacement

    # --- the images; volumes count from 0
    unsteady_start: float = 0.0  # 1: no dummy pulses, T1 decays in the first volumes; smaller: that share of it
    lost_volumes: tuple = ()  # volumes full of zeros
    half_lost_volumes: tuple = ()  # volumes whose upper slices are zero
    repeated_volumes: tuple = ()  # volumes that are copies of the one before


ROUGH = MappingProxyType({
    "animal_sites": (("M1",), ("M1", "ACC"), ("ACC",)),
    "states": ("awake", "sedated"),
    "share": {"sedated": {"M1": 0.5, "ACC": 0.4}, "awake": {"M1": 0.5, "ACC": 0.4}},
    "runs": 1, "n_volumes": 240, "tr_s": 1.1, "n_slices": 10, "matrix": (14, 17), "voxel_mm": (1.3, 1.4, 1.2),
    "fs_hz": 3051.7578125, "n_channels": 2, "replicates": 100, "untriggered": 1, "jumps": 1,
    "electrode_drift_uv": 100.0, "dc_offset_uv": 3000.0, "antialias_hz": 2200.0, "rail_fraction": 0.0005,
    "line_uv": 100.0, "line_hz": 50.0, "line_harmonics": (1.0, 0.3, 0.5, 0.1, 0.2), "line_wax": 0.4,
    "activity_exponent": 1.0, "band_overlap_octaves": 0.5, "seed_reliability": 0.8, "hrf_delay_s": 0.5,
    "respiration_hz": 1.0, "cardiac_hz": 6.0, "respiration_uv": 10.0, "cardiac_uv": 5.0,
    "movements_per_min": 1.0, "movement_uv": 1000.0, "unsteady_start": 1.0,
    "lost_volumes": (60,), "half_lost_volumes": (110,), "repeated_volumes": (161, 162),
})  # fmt: skip
"""What the preset `rough` changes: small, and with every flaw; 9.09 slices a second have no line at 50 Hz."""


def check(p) -> None:
    """Refuse flaws that cannot be simulated, with one sentence each."""
    for name in ("electrode_drift_uv", "antialias_hz", "line_wax", "activity_exponent", "respiration_hz", "cardiac_hz",
                 "respiration_uv", "cardiac_uv", "movements_per_min", "unsteady_start", "hrf_delay_s"):  # fmt: skip
        if not getattr(p, name) >= 0:
            raise ValueError(f"parameter '{name}' must be zero (off) or above, not {getattr(p, name)}")
    for name in ("electrode_drift_max_hz", "movement_step_s", "line_hz"):
        if not getattr(p, name) > 0:
            raise ValueError(f"parameter '{name}' must be above zero, not {getattr(p, name)}")
    if not 0 <= p.rail_fraction < 0.5:
        raise ValueError(f"rail_fraction must be a share of the samples, from 0 to below 0.5, not {p.rail_fraction}")
    if not 0 < p.seed_reliability <= 1:
        raise ValueError(f"seed_reliability must be above 0 and at most 1, not {p.seed_reliability}")
    if not 0 <= p.band_overlap_octaves <= 0.8:
        raise ValueError(
            f"band_overlap_octaves must be from 0 to 0.8, half a band's width, not {p.band_overlap_octaves}"
        )
    if p.line_hz * max(1, len(p.line_harmonics)) >= p.fs_hz / 2:
        raise ValueError("line_harmonics reach half the sampling rate; give fewer of them, or a higher fs_hz")
    for name in ("lost_volumes", "half_lost_volumes", "repeated_volumes"):
        wrong = [v for v in getattr(p, name) if not (isinstance(v, int) and 0 <= v < p.n_volumes)]
        if wrong:
            raise ValueError(f"{name} must be whole numbers from 0 to n_volumes - 1, not {wrong}")
    if 0 in p.repeated_volumes:
        raise ValueError("repeated_volumes: volume 0 has none before it")
    if p.movements_per_min * p.n_volumes * p.tr_s / 60 > (p.n_volumes - 10) / 4:
        raise ValueError("movements_per_min must leave four volumes for each movement")
