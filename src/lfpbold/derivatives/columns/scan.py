"""Columns of the tables and series of one recording."""

from .common import BAND, HRF_CELL, LABELS, LAG

TEMPORAL = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation of the HRF-convolved band power with the seed's BOLD", ""),
    "r_spearman": ("Spearman rank correlation of the same series", ""),
    "n": ("Volumes kept", "volumes"),
    "n_eff": ("Effective number of samples given the autocorrelation (Bartlett)", "samples"),
    "p": ("Two-sided p of r for this scan alone, from n_eff", ""),
}
SPATIAL = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation over brain voxels of the LFP map with the seed map of the same scan", ""),
    "r_spearman": ("Spearman rank correlation of the same maps", ""),
}
SCAN_HRFGRID = {
    **LABELS,
    **HRF_CELL,
    "r": ("Pearson correlation of the main band's power, convolved with this HRF, with the seed's BOLD", ""),
}
MULTIUNIT = {
    **LABELS,
    **BAND,
    "r_lfp": ("Temporal r of this band of the LFP", ""),
    "r_multiunit": ("Temporal r of multi-unit power, convolved with the same HRF", ""),
    "r_lfp_partial": ("r_lfp with multi-unit power partialled out", ""),
    "r_multiunit_partial": ("r_multiunit with the power of the LFP partialled out", ""),
    "r_between": ("Pearson correlation of the two regressors", ""),
    "band_low_hz": ("Lower edge of multi-unit activity", "Hz"),
    "band_high_hz": ("Upper edge that the sampling rate allows", "Hz"),
    "artefact_uv": (
        "Root mean square in that band during the scan, before artefact removal, in its first ten seconds",
        "µV",
    ),
    "after_uv": ("The same after artefact removal", "µV"),
    "outside_uv": ("The same outside the scan, where there is no artefact; n/a where nothing was recorded", "µV"),
    "outside_s": (
        "Duration recorded outside the scan: spiking rate fluctuates, so that seconds give a poor estimate",
        "s",
    ),
    "residue_uv": ("Residual artefact: √(after² − outside²), 0 where after is smaller", "µV"),
}
INFORMATION = {
    **LABELS,
    **BAND,
    "mi": ("Mutual information of the HRF-convolved power and the seed's BOLD; n/a for `group`", "nat"),
    "chance": (
        ("Chance level: mean over voxels with the regressor circularly shifted by 1/4, 1/2 and 3/4 of the scan"),
        "nat",
    ),
    "spatial_r": ("Pearson correlation over brain voxels of the band's and the seed's map of mutual information", ""),
}
REGRESSION = {
    **LABELS,
    "removal": (
        (
            "What was regressed out of every voxel: gamma (the main band), all_joint (all bands, ordinary regression),"
            " all_unique (their unique parts only); or peaks (volumes above a percentile of the main band's regressor"
            " censored)"
        ),
        "",
    ),
    "r": ("Pearson correlation over brain voxels of the seed map after removal with the one before", ""),
    "slope": ("Least-squares slope of the seed map after removal on the one before; 1 for an unchanged map", ""),
}
ELECTRODES = {
    "name": ("Contact, named as its channel; preceded by its site where two sites have the same name", ""),
    "x": ("Position, not recorded", "mm"),
    "y": ("Position, not recorded", "mm"),
    "z": ("Position, not recorded", "mm"),
    "size": ("Surface of the contact, not recorded", "mm^2"),
    "group": ("Electrode site", ""),
}
SEED_COURSE = {
    "volume": ("Volume of the scan, from 0; censored volumes are missing", ""),
    "time_s": ("Its onset", "s"),
    "bold": ("Mean clean BOLD of the seed's voxels", ""),
}
MULTIUNIT_POWER = {
    "time_s": ("Middle of the window, from the first sample of the cleaned LFP", "s"),
    "power": ("Power of multi-unit activity, mean of the channels", "µV²"),
}
CONFOUNDS = {
    "trans_x": ("Translation of the image centre to the right, from the reference to this volume", "mm"),
    "trans_y": ("Translation to anterior", "mm"),
    "trans_z": ("Translation to superior", "mm"),
    "rot_x": ("Rotation about x", "rad"),
    "rot_y": ("Rotation about y", "rad"),
    "rot_z": ("Rotation about z", "rad"),
    "framewise_displacement": ("Framewise displacement of Power et al. 2012", "mm"),
    "keep": ("1 where the volume is kept", ""),
}


def regressors(bands) -> dict:
    """Columns of `desc-hrf_timeseries.tsv`."""
    return {band: (f"Band power convolved with the HRF: {band}", "µV²") for band in bands}


def scan_lags(bands) -> dict:
    """Columns of one scan's `desc-lags_coupling.tsv`."""
    return LAG | {
        band: (f"r of the power of {band}, not convolved, with the seed's BOLD at this lag", "") for band in bands
    }


def nuisance(names) -> dict:
    """Columns of `desc-nuisance_timeseries.tsv`."""
    return {"volume": SEED_COURSE["volume"]} | {name: (f"Nuisance regressor: {name}", "") for name in names}


def contacts(bands) -> dict:
    """Columns of `desc-contacts_timeseries.tsv`."""
    return {
        f"{band}_{half}": (f"Power of {band}, mean of the {half} contacts (the first is odd)", "µV²")
        for half in ("odd", "even")
        for band in bands
    }
