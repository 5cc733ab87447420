"""Columns of the tables of the whole study."""

from ...errors import DOUBTS as DOUBT_NAMES
from .common import BAND, COUNTS, HRF_CELL, LABELS, LAG, OF_GROUP, OVER_SCANS
from .scan import INFORMATION, REGRESSION

LAGS = {
    **OF_GROUP,
    **BAND,
    **LAG,
    **OVER_SCANS,
    "r": ("Pearson correlation of the band power, not convolved, with the seed's BOLD: mean over scans", ""),
}
HRFGRID = {
    **OF_GROUP,
    **BAND,
    **HRF_CELL,
    **OVER_SCANS,
    "r": ("Temporal r of the main band with this HRF: mean over scans", ""),
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
    "measure": ("Measure tested: r (Pearson), rho (Spearman) or z (Fisher's z of r)", ""),
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
OF_GROUP_ROWS = {name: (f"{text} (group rows)", unit) for name, (text, unit) in COUNTS.items()}
INFORMATION_GROUP = {**INFORMATION, **OF_GROUP_ROWS}
REGRESSION_GROUP = {
    **REGRESSION,
    **OF_GROUP_ROWS,
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
        "Temporal r that appears as observed_temporal at this CNR, if space and time have the same noise",
        "",
    ),
    "r2": ("Square of true_temporal", "fraction of variance"),
    **COUNTS,
    "cnr_closed_form": ("The same CNR from r = r_true / (1 + 1/CNR²)", ""),
    "true_temporal_closed_form": ("The same true r from the closed form", ""),
    "cnr_voxels": ("cnr from signals as long as a map has voxels: the second of variance.cnr_points", ""),
    "true_temporal_voxels": ("true_temporal from signals of that length", ""),
}
NOISE_CURVE = {
    "n_points": ("Length of the simulated signals", ""),
    "cnr": ("Contrast-to-noise ratio", ""),
    "r": ("r as which variance.cnr_true_r appears: mean over trials", ""),
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
    "n_animals": ("Animals among them", ""),
    "published_n": ("Scans of the published study", ""),
}
HEADLINE = {
    **OF_GROUP,
    "measure": ("Measure, of the main band; r2 is the square of r", ""),
    "value": ("Its value: mean over scans, or of maps averaged over scans (…_group, seed_map_…)", ""),
    "ci_low": ("Lower limit of its interval; animals are the unit", ""),
    "ci_high": ("Upper limit of its interval", ""),
    "unit": ("Unit of the value", ""),
    "n": ("Scans", ""),
    "n_animals": ("Animals", ""),
    "n_doubtful": ("Scans among them that are in severe doubt and were used, by `run.on_doubtful`", ""),
}
FLOW = {
    **OF_GROUP,
    "step": ("sheet: every row of the sample sheet; then each step at which any were excluded", ""),
    "kind": ("Why they were excluded there, as in excluded.tsv; `entered` for the sheet", ""),
    "lost": ("Whole recordings that were excluded at this step", ""),
    "n_scans": ("Recordings that remain after it, one for each scan of this site", ""),
    "n_animals": ("Animals among them", ""),
}
EXCLUDED = {
    **LABELS,
    "step": ("Where it was excluded: the sample sheet, or a step of the workflow", ""),
    "kind": (
        (
            "chosen: by the sheet's column `exclude` or by `select`; criterion: by the motion limits of the config;"
            " unusable: its files are missing, or could not be read or analysed; doubtful: could be, but is in severe"
            " doubt (doubts.tsv)"
        ),
        "",
    ),
    "reason": ("Why", ""),
    "first_volume": ("First volume of the block, from 0; n/a where the whole recording is excluded", ""),
    "last_volume": ("Last volume of the block", ""),
    "n_volumes": ("Volumes in the block", "volumes"),
}
DOUBTS = {
    **LABELS,
    "doubt": ("; ".join(f"{name}: {meaning}" for name, (_, meaning) in DOUBT_NAMES.items()), ""),
    "severity": (
        "severe: excluded unless `run.on_doubtful` says otherwise; slight: told",
        "",
    ),
    "consequence": ("excluded or used, of a severe one; told, of a slight one", ""),
    "reason": ("What was found, the first time where several channels are concerned", ""),
}
