"""The columns of every table: description and unit, as they stand in the table's JSON sidecar."""

LABELS = {
    "sub": ("Animal; `group` for values of maps averaged over scans", ""),
    "ses": ("Session", ""),
    "run": ("Run (scan)", ""),
    "state": ("Condition, as in the sample sheet", ""),
    "site": ("Electrode site", ""),
}
BAND = {"band": ("Frequency band of the LFP by its configured name, or f012 for the 1-Hz bin that starts at 12 Hz", "")}
OF_GROUP = {name: LABELS[name] for name in ("state", "site")}

TEMPORAL = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation of the HRF-convolved band power with the seed's BOLD", ""),
    "r_spearman": ("Spearman rank correlation of the same series", ""),
    "n": ("Volumes kept", "volumes"),
    "n_eff": ("Independent samples after autocorrelation (Bartlett)", "samples"),
    "p": ("Two-sided p of r for this scan alone, from n_eff", ""),
}
SPATIAL = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation over brain voxels of the LFP map with the seed map of the same scan", ""),
}
LAGS = {
    **LABELS,
    **BAND,
    "lag_s": ("Lag; positive where BOLD follows the LFP", "s"),
    "r": ("Pearson correlation of the band power, not convolved, with the seed's BOLD", ""),
}
SPATIAL_GROUP = {
    **OF_GROUP,
    **BAND,
    "n_scans": ("Scans averaged", ""),
    "n_animals": ("Animals among them", ""),
    "r": ("Pearson correlation over brain voxels of the averaged LFP map with the averaged seed map", ""),
    "r2": ("Its square", ""),
    "ci_low": ("Lower limit of r, jackknife over animals", ""),
    "ci_high": ("Upper limit of r, jackknife over animals", ""),
}
REGRESSION = {
    **LABELS,
    "removal": (
        (
            "What was taken out of every voxel: gamma (the main band), all_joint (all bands, ordinary regression),"
            " all_unique (their unique parts only), or peaks (volumes above a percentile of the main band's regressor"
            " left out)"
        ),
        "",
    ),
    "r": ("Pearson correlation over brain voxels of the seed map after removal with the one before", ""),
    "slope": ("Least-squares slope of the seed map after removal on the one before; 1 for an unchanged map", ""),
}
REGRESSION_GROUP = {
    **REGRESSION,
    "r_ci_low": ("Lower limit of r, jackknife over animals (group rows)", ""),
    "r_ci_high": ("Upper limit of r, jackknife over animals (group rows)", ""),
    "slope_ci_low": ("Lower limit of the slope, jackknife over animals (group rows)", ""),
    "slope_ci_high": ("Upper limit of the slope, jackknife over animals (group rows)", ""),
}
NOISE = {
    **OF_GROUP,
    "cnr": (
        "Contrast-to-noise ratio at which a true r of variance.cnr_true_r appears as observed_spatial, by simulation",
        "",
    ),
    "observed_spatial": ("Mean scan-wise spatial r of the main band", ""),
    "observed_temporal": ("Mean temporal r of the main band", ""),
    "true_temporal": (
        "Temporal r that appears as observed_temporal at this CNR, if space and time suffer the same noise",
        "",
    ),
    "r2": ("Square of true_temporal", "fraction of variance"),
    "cnr_closed_form": ("The same CNR from r = r_true / (1 + 1/CNR²)", ""),
    "true_temporal_closed_form": ("The same true r from the closed form", ""),
}
HEADLINE = {
    **OF_GROUP,
    "measure": ("What is reported; of the main band. r2 is the square of r", ""),
    "value": ("Its value: mean over scans, or of maps averaged over scans (…_group, seed_map_…)", ""),
    "ci_low": ("Lower limit of its interval; animals are the unit", ""),
    "ci_high": ("Upper limit of its interval", ""),
    "unit": ("Unit of the value", ""),
    "n": ("Scans", ""),
    "n_animals": ("Animals", ""),
}
EXCLUDED = {
    **LABELS,
    "step": ("Where it was left out: the sample sheet, or a step of the workflow", ""),
    "reason": ("Why", ""),
    "first_volume": ("First volume of the block, from 0; n/a where the whole recording is left out", ""),
    "last_volume": ("Last volume of the block", ""),
    "n_volumes": ("Volumes in the block", "volumes"),
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

GROUP = {
    "temporal": TEMPORAL,
    "spatial": SPATIAL,
    "lags": LAGS,
    "spatial_group": SPATIAL_GROUP,
    "regression": REGRESSION_GROUP,
    "noise": NOISE,
    "headline": HEADLINE,
    "excluded": EXCLUDED,
}
