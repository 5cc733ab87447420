"""The columns of every table: description and unit, as they stand in the table's JSON sidecar."""

LABELS = {
    "sub": ("Animal; `group` for values of maps averaged over scans", ""),
    "ses": ("Session", ""),
    "run": ("Run (scan)", ""),
    "state": ("Condition, as in the sample sheet", ""),
    "site": ("Electrode site", ""),
}
BAND = {
    "band": (
        (
            "Frequency band of the LFP by its configured name; multiunit for multi-unit activity; f012 for the 1-Hz bin"
            " that starts at 12 Hz; shuffled_… for the power of a band with its frames in random order"
        ),
        "",
    )
}
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
    "r_spearman": ("Spearman rank correlation of the same maps", ""),
}
LAG = {"lag_s": ("Lag; positive where BOLD follows the LFP", "s")}
OVER_SCANS = {
    "n_scans": ("Scans that have a value", ""),
    "r": ("Mean over scans", ""),
    "sem": ("Its standard error", ""),
}
LAGS = {
    **OF_GROUP,
    **BAND,
    **LAG,
    **OVER_SCANS,
    "r": ("Pearson correlation of the band power, not convolved, with the seed's BOLD: mean over scans", ""),
}
HRF_CELL = {
    "delay_s": ("Delay of the response, p1 of the HRF", "s"),
    "undershoot_s": ("Delay of the undershoot, p2 of the HRF", "s"),
    "degenerate": ("1 where both are equal, so that the HRF is a single gamma density without undershoot", ""),
}
SCAN_HRFGRID = {
    **LABELS,
    **HRF_CELL,
    "r": ("Pearson correlation of the main band's power, convolved with this HRF, with the seed's BOLD", ""),
}
HRFGRID = {
    **OF_GROUP,
    **BAND,
    **HRF_CELL,
    **OVER_SCANS,
    "r": ("Temporal r of the main band with this HRF: mean over scans", ""),
}
MULTIUNIT = {
    **LABELS,
    **BAND,
    "r_lfp": ("Temporal r of this band of the LFP", ""),
    "r_multiunit": ("Temporal r of multi-unit power, convolved with the same HRF", ""),
    "r_lfp_partial": ("The first with multi-unit power taken out of both", ""),
    "r_multiunit_partial": ("The second with the LFP's power taken out of both", ""),
    "r_between": ("Pearson correlation of the two regressors", ""),
    "band_low_hz": ("Lower edge of multi-unit activity", "Hz"),
    "band_high_hz": ("Upper edge that the rate allowed", "Hz"),
    "artefact_uv": (
        "Root mean square in that band during the scan, before artefact removal, in its first ten seconds",
        "µV",
    ),
    "after_uv": ("The same after artefact removal", "µV"),
    "outside_uv": ("The same outside the scan, where there is no artefact; n/a where nothing was recorded", "µV"),
    "outside_s": ("How much was recorded outside: spiking waxes and wanes, so that seconds say little", "s"),
    "residue_uv": ("What the artefact leaves: √(after² − outside²), 0 where after is smaller", "µV"),
}
INFORMATION = {
    **LABELS,
    **BAND,
    "mi": ("Mutual information of the HRF-convolved power and the seed's BOLD; n/a for `group`", "nat"),
    "chance": (
        (
            "What is found where there is none: mean over voxels with the regressor shifted around by 1/4, 1/2 and 3/4"
            " of the scan"
        ),
        "nat",
    ),
    "spatial_r": ("Pearson correlation over brain voxels of the band's and the seed's map of mutual information", ""),
}
PAIRED = {
    **LABELS,
    **BAND,
    "temporal_r": ("Pearson correlation in time, of temporal.tsv", ""),
    "spatial_r": ("Pearson correlation over voxels, of spatial.tsv", ""),
    "temporal_rho": ("Spearman rank correlation in time", ""),
    "spatial_rho": ("Spearman rank correlation over voxels", ""),
    "temporal_z": ("Fisher's z of temporal_r", ""),
    "spatial_z": ("Fisher's z of spatial_r", ""),
}
TTESTS = {
    **OF_GROUP,
    **BAND,
    "test": (
        (
            "What is tested against zero: temporal, spatial, spatial_minus_temporal (paired), or lfp_minus_multiunit"
            " (paired; temporal r of this band minus that of multi-unit power)"
        ),
        "",
    ),
    "measure": ("Of what: r (Pearson), rho (Spearman) or z (Fisher's z of r)", ""),
    "n": ("Scans", ""),
    "mean": ("Mean over scans", ""),
    "t": ("Student's t with the scan as the unit, as in the study: scans of one animal are not independent", ""),
    "df": ("Its degrees of freedom", ""),
    "p": ("Its two-sided p", ""),
    "n_animals": ("Animals", ""),
    "mean_animals": ("Mean of the animals' means", ""),
    "t_animals": ("Student's t with the animal as the unit", ""),
    "df_animals": ("Its degrees of freedom", ""),
    "p_animals": ("Its two-sided p", ""),
}
STATES = {
    "site": LABELS["site"],
    **BAND,
    "measure": ("temporal or spatial: scan-wise r", ""),
    "state_a": ("First state", ""),
    "state_b": ("Second state", ""),
    "n_a": ("Scans of the first", ""),
    "n_b": ("Scans of the second", ""),
    "mean_a": ("Mean r over scans of the first", ""),
    "mean_b": ("Mean r over scans of the second", ""),
    "difference": ("mean_b − mean_a", ""),
    "t": ("Welch's t with the scan as the unit", ""),
    "df": ("Its degrees of freedom", ""),
    "p": ("Its two-sided p", ""),
    "n_animals": ("Animals recorded in both states", ""),
    "difference_animals": ("Mean of their differences", ""),
    "ci_low": ("Lower limit of that mean, Student's t over animals", ""),
    "ci_high": ("Upper limit", ""),
    "p_animals": ("Two-sided p of the paired t over animals", ""),
}
NOISE_CURVE = {
    "n_points": ("Length of the simulated signals", ""),
    "cnr": ("Contrast-to-noise ratio", ""),
    "r": ("What is left of variance.cnr_true_r: mean over trials", ""),
    "r_sd": ("Standard deviation over trials", ""),
    "r_closed_form": ("r_true / (1 + 1/CNR²)", ""),
}
YARDSTICK = {
    **OF_GROUP,
    **BAND,
    "measure": (
        "temporal, spatial_scan (means over scans), spatial_group (averaged maps), lag_s, cnr, true_temporal",
        "",
    ),
    "published": ("Value of Tu, Cramer & Zhang 2024", ""),
    "ours": ("Value of this study", ""),
    "n_scans": ("Scans of this study", ""),
    "published_n": ("Scans of theirs", ""),
}
AGAINST = {
    "observed": ("What was found", ""),
    "expected": ("Mean of the surrogates: what mediation through the seed gives", ""),
    "null_low": ("Lower quantile of the surrogates", ""),
    "null_high": ("Upper quantile", ""),
    "percentile": ("Mid-rank of the observed value among the surrogates, 0 to 1", ""),
    "p": ("Two-sided p under mediation", ""),
}
NULL_MEASURES = {
    "spatial_r": "spatial r of LFP map and seed map",
    "spatial_r_rim": "the same without the seed and its rim",
    "removal_r": "r of the seed map after removal with that before",
    "removal_slope": "slope of the seed map after removal on that before",
}
NULLS = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation in time of the regressor with the seed's BOLD", ""),
    "n_surrogates": ("Surrogates of each kind", ""),
    "p_phase": ("Two-sided p of r from phase-randomised surrogates of the seed's BOLD", ""),
    "p_shift": ("The same from circular shifts", ""),
    "p_phase_max": ("p_phase, family-wise over the named bands", ""),
    "p_spatial": ("Two-sided p of the spatial r from phase-randomised regressors through the same BOLD", ""),
    "p_spatial_max": ("The same, family-wise over the named bands", ""),
    **{
        f"{name}_{column}": (f"{text[0].upper()}{text[1:]}: {about[0].lower()}{about[1:]}", "")
        for name, text in NULL_MEASURES.items()
        for column, (about, _) in AGAINST.items()
    },
    "k": ("k of spatial r = r/√(r² + k²)", ""),
    "k_noise": ("k that map noise alone predicts: noise_sd/seed_sd", ""),
    "halves_lfp": ("Spatial r of the LFP maps of the first and the second half of the scan", ""),
    "halves_seed": ("The same of the seed maps", ""),
    "halves_across": ("Spatial r of the LFP map of one half with the seed map of the other", ""),
    "seed_halves": ("Temporal r of the mean BOLD of two slabs of the seed", ""),
    "noise_sd": ("Standard deviation over voxels of the map of a regressor unrelated to BOLD", ""),
    "seed_sd": ("Standard deviation over voxels of the seed map", ""),
}
MEDIATION = {
    **OF_GROUP,
    "sub": ("Animal; `group` for maps averaged over all scans", ""),
    **BAND,
    "measure": (
        (
            "spatial_r, spatial_slope (averaged LFP map with and on the averaged seed map), removal_r, removal_slope"
            " (seed map after the band's removal with and on that before), excess (root mean square over voxels of the"
            " averaged LFP map minus r times the seed map)"
        ),
        "",
    ),
    "voxels": ("all, or rim: without the seed and its rim", ""),
    "n_scans": ("Scans averaged", ""),
    "n_animals": ("Animals among them", ""),
    **AGAINST,
    "difference": ("observed − expected", ""),
    "difference_low": ("Lower limit of the difference, bootstrap over animals", ""),
    "difference_high": ("Upper limit", ""),
}
K = {
    **OF_GROUP,
    "level": ("scans: fitted to all scans and bands; averaged: to all bands of averaged maps", ""),
    "k": ("Least-squares k of spatial r = r/√(r² + k²)", ""),
    "ci_low": ("Lower limit, bootstrap over animals", ""),
    "ci_high": ("Upper limit", ""),
    "k_noise": ("k that map noise alone predicts, of the main band", ""),
    "r2": ("Share of the variance of spatial r that the law explains", ""),
    "n": ("Pairs of temporal and spatial r", ""),
}
CROSS_SCAN = {
    **OF_GROUP,
    **BAND,
    "pair": (
        "LFP map of a scan with the seed map of the same_scan, of others of the same_animal, of other_animals",
        "",
    ),
    "n": ("Scans that have such a pair", ""),
    "r": ("Mean spatial r", ""),
}
EXPLAINED = {
    **OF_GROUP,
    "sub": ("Animal that the others predict; `group` for the mean of animals", ""),
    "n_scans": ("Its scans", ""),
    "r": ("Correlation of the seed's BOLD with its prediction by all of networks.removal_bands together", ""),
    "r2": ("1 − residual over total variance; negative where the prediction is worse than the mean", ""),
    "p": ("One-sided p of r by circular shifts (group)", ""),
}
COMMONALITY = {
    **OF_GROUP,
    "bands": ("Bands that hold this part in common, and no other does; `all` for the sum", ""),
    "n_scans": ("Scans averaged", ""),
    "part": (
        "Share of the variance of the seed's BOLD within scans, less what chance gives where the degrees of freedom are"
        " known; may be negative",
        "",
    ),
}
RELIABILITY = {
    **OF_GROUP,
    **BAND,
    "measure": (
        (
            "spatial: LFP map of one half of a scan with the seed map of the other; temporal: regressor with the seed's"
            " BOLD, of which the BOLD alone is corrected"
        ),
        "",
    ),
    "n": ("Scans", ""),
    "n_animals": ("Animals", ""),
    "r": ("Mean r over scans", ""),
    "reliability_x": ("Reliability of the LFP map; 1 in time, where it is not known", ""),
    "reliability_y": (
        "Reliability of the seed map, or of the seed's BOLD (an upper limit after smoothing)",
        "",
    ),
    "value": ("r/√(reliability_x reliability_y); may exceed 1", ""),
    "low": ("Lower limit, jackknife over animals", ""),
    "high": ("Upper limit", ""),
    "cnr": ("Contrast-to-noise ratio at which value appears as r, from the reliabilities", ""),
    "reason": ("Why there is no value", ""),
}
ANIMALS = {
    **OF_GROUP,
    **BAND,
    "measure": ("temporal or spatial: Fisher's z of scan-wise r", ""),
    "n": ("Scans", ""),
    "mean": ("Mean z over scans", ""),
    "p": ("Student's t over scans, which are not independent", ""),
    "n_animals": ("Animals", ""),
    "mean_animals": ("Mean of the animals' means", ""),
    "ci_low": ("Lower limit, Student's t over animals", ""),
    "ci_high": ("Upper limit", ""),
    "p_animals": ("Student's t over the animals' means", ""),
    "p_sign_flip": ("Exact sign-flip test of the animals' means", ""),
    "p_sign_flip_floor": ("Smallest p that so many animals allow", ""),
    "p_mixed": ("Random-intercept model, second opinion", ""),
    "bootstrap_low": ("Lower limit, bootstrap over animals, sessions and scans", ""),
    "bootstrap_high": ("Upper limit", ""),
    "icc": ("Intraclass correlation of the scans of an animal", ""),
    "design_effect": ("Variance of the mean over that of independent scans", ""),
    "n_effective": ("Scans that independent ones would be worth", ""),
}
SEED_COURSE = {
    "volume": ("Volume of the scan, from 0; those left out are missing", ""),
    "time_s": ("Its onset", "s"),
    "bold": ("Mean clean BOLD of the seed's voxels", ""),
}
MULTIUNIT_POWER = {
    "time_s": ("Middle of the window, from the first sample of the cleaned LFP", "s"),
    "power": ("Power of multi-unit activity, mean of the channels", "µV²"),
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
    "cnr_voxels": ("cnr from signals as long as a map has voxels: the second of variance.cnr_points", ""),
    "true_temporal_voxels": ("true_temporal from signals of that length", ""),
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

SCAN = {
    "temporal": TEMPORAL,
    "spatial": SPATIAL,
    "information": INFORMATION,
    "hrfgrid": SCAN_HRFGRID,
    "multiunit": MULTIUNIT,
}
AVERAGE = {
    "spatial": SPATIAL_GROUP,
    "regression": REGRESSION_GROUP,
    "information": INFORMATION,
    "lags": LAGS,
    "hrfgrid": HRFGRID,
}
GROUP = {
    "temporal": TEMPORAL,
    "spatial": SPATIAL,
    "lags": LAGS,
    "spatial_group": SPATIAL_GROUP,
    "regression": REGRESSION_GROUP,
    "hrfgrid": HRFGRID,
    "information": INFORMATION,
    "multiunit": MULTIUNIT,
    "paired": PAIRED,
    "ttests": TTESTS,
    "states": STATES,
    "nulls": NULLS,
    "mediation": MEDIATION,
    "k": K,
    "cross_scan": CROSS_SCAN,
    "explained": EXPLAINED,
    "commonality": COMMONALITY,
    "reliability": RELIABILITY,
    "animals": ANIMALS,
    "noise": NOISE,
    "noise_curve": NOISE_CURVE,
    "yardstick": YARDSTICK,
    "headline": HEADLINE,
    "excluded": EXCLUDED,
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
