"""Which parameters cannot be simulated."""

from __future__ import annotations

from . import flaws


def check(p) -> None:
    """Refuse settings that cannot be simulated, with one sentence each."""
    for name in ("n_volumes", "tr_s", "n_slices", "fs_hz", "n_channels", "cnr", "runs", "intensity"):
        if not getattr(p, name) > 0:
            raise ValueError(f"parameter '{name}' must be above zero, not {getattr(p, name)}")
    if not p.animal_sites or not all(isinstance(sites, tuple) and sites for sites in p.animal_sites):
        raise ValueError(
            f"animal_sites must list the sites of each animal, as [[M1, ACC], [ACC]], not {p.animal_sites}"
        )
    bands, known = {*p.band_gain, "multiunit"}, {s for sites in (*p.animal_sites, *p.share.values()) for s in sites}
    for name in ("site_band_gain", "site_band_own"):
        for site, values in getattr(p, name).items():
            if site not in known or not isinstance(values, dict) or not values.keys() <= bands:
                raise ValueError(f"parameter '{name}' must be site -> band -> number, not {site}: {values}")
    for state in p.states:
        for site in {s for sites in p.animal_sites for s in sites}:
            share = p.share.get(state, {}).get(site)
            if share is None or not 0 <= share <= 1:
                raise ValueError(f"share.{state}.{site} must be a number from 0 to 1, not {share}")
    for name in ("echo_time_s", "field_tesla", "block_s", "t1_s", "t2star_s", "flip_angle_deg"):
        if getattr(p, name) is not None and not getattr(p, name) > 0:
            raise ValueError(f"parameter '{name}' must be above zero, not {getattr(p, name)}")
    if p.evoked_runs:
        sites = sorted({site for animal in p.animal_sites for site in animal})
        if p.stimulated_site not in sites:
            raise ValueError(f"stimulated_site must be one of the sites, {', '.join(sites)}")
        if not (p.task.isalnum() and p.task.isascii()) or p.task == "rest":
            raise ValueError(f"task must have only letters and digits, and not be rest, not {p.task}")
        if len(p.pause_s) != 2 or not 0 < p.pause_s[0] <= p.pause_s[1]:
            raise ValueError(f"pause_s must be the shortest and the longest pause in s, not {p.pause_s}")
        if sum(p.pause_s) / 2 + p.block_s + p.pause_s[0] > p.n_volumes * p.tr_s:
            raise ValueError("a run of stimulation must hold at least a block between two pauses; raise n_volumes")
    if p.fs_hz < 1000:
        raise ValueError(f"fs_hz must be at least 1000 Hz to hold an LFP of 0.1-300 Hz, not {p.fs_hz}")
    if p.dtype not in ("int16", "float32"):
        raise ValueError(f"dtype must be int16 or float32, not {p.dtype}")
    if p.slice_order not in ("interleaved", "ascending"):
        raise ValueError(f"slice_order must be interleaved or ascending, not {p.slice_order}")
    if p.n_volumes * p.tr_s < 60:
        raise ValueError("a scan must last 60 s or more to hold fluctuations of 0.01-0.1 Hz")
    if p.lead_s < 10:
        raise ValueError(f"lead_s must be at least 10 s, not {p.lead_s}")
    flaws.check(p)
