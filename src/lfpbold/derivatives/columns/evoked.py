"""Columns of the tables of runs with stimuli."""

from .common import BAND, LABELS, OF_GROUP

CONTRAST = {"contrast": ("Contrast of trial types, by its configured name; a trial type alone is against baseline", "")}
CLUSTER = {
    **CONTRAST,
    "cluster": ("Number, by decreasing size", ""),
    "sign": ("1 where the response is positive, −1 where it is negative", ""),
    "n_voxels": ("Size", "voxels"),
    "mm3": ("Size", "mm³"),
    "p": ("Family-wise p: share of permutations with a cluster at least as large anywhere in the brain", ""),
    "peak_t": ("t of the voxel with the largest |t|", ""),
    "peak_z": ("z of the same p (n/a over animals)", ""),
    "peak_effect": ("Its response", "% of the mean signal"),
    "peak_subtraction": ("The same by subtraction of volumes", "% of the mean signal"),
    "x": ("Its position in the image's own millimetres, to the right in RAS", "mm"),
    "y": ("The same, to the front", "mm"),
    "z": ("The same, upwards", "mm"),
}
SCAN_CLUSTERS = {**{name: LABELS[name] for name in ("sub", "ses", "run", "state")}, **CLUSTER}
GROUP_CLUSTERS = {
    **OF_GROUP,
    **CLUSTER,
    "n_animals": ("Animals: the unit", ""),
    "n_scans": ("Their scans", ""),
    "smallest_p": ("Smallest p that so many animals can give", ""),
}
SIGNAL = {
    "trial_type": ("Trial type of the events", ""),
    "signal": ("bold (mean of the seed), a band of the LFP, or multiunit", ""),
    "time_s": ("Time after the onset of the stimulus", "s"),
}
SCAN_RESPONSES = {
    **LABELS,
    **SIGNAL,
    "mean": ("Mean over events of the change from baseline: of power, or of the BOLD signal", "%"),
    "se": ("Its standard error over events", "%"),
    "n_events": ("Events that have a value at this time", ""),
}
GROUP_RESPONSES = {
    **OF_GROUP,
    **SIGNAL,
    "mean": ("Mean over animals of the means of their scans", "%"),
    "se": ("Its standard error over animals", "%"),
    "n_animals": ("Animals that have a value at this time", ""),
    "n_scans": ("Their scans", ""),
}
PREDICTION = {
    **OF_GROUP,
    "predictor": ("Band of the LFP, all_bands (those of networks.removal_bands together), or multiunit", ""),
    "n_scans": ("Scans", ""),
    "n_animals": ("Animals, each of which is held out and predicted from all others", ""),
    "r2": ("Cross-validated R² of the seed's BOLD, mean over animals; negative where worse than the mean", ""),
    "ci_low": ("Lower limit, Student's t over animals", ""),
    "ci_high": ("Upper limit", ""),
    "difference": ("R² minus that of multi-unit power, mean over animals", ""),
    "difference_low": ("Lower limit, Student's t over animals", ""),
    "difference_high": ("Upper limit", ""),
    "p": ("Two-sided p of the difference, all sign patterns of the animals", ""),
}


def _side(name: str, text: str) -> dict:
    return {
        f"{name}_r": (f"r {text}: mean over scans, or of maps averaged over them", ""),
        f"{name}_ci_low": ("Lower limit; animals are the unit", ""),
        f"{name}_ci_high": ("Upper limit", ""),
        f"{name}_expected": (
            "Expected under full mediation through the seed (spatial measures, where there are surrogates)",
            "",
        ),
        f"{name}_n": ("Scans", ""),
        f"{name}_n_animals": ("Animals", ""),
    }


REST_EVOKED = {
    "site": LABELS["site"],
    "rest": ("State at rest", ""),
    "evoked": ("The same state with stimuli: state and task", ""),
    **BAND,
    "measure": (
        "temporal, spatial (means over scans), or spatial_group (of maps averaged over scans)",
        "",
    ),
    **_side("rest", "at rest"),
    **_side("evoked", "with stimuli"),
    "difference": ("evoked − rest, mean over animals that have both (scan-wise measures)", ""),
    "difference_low": ("Lower limit, Student's t over animals", ""),
    "difference_high": ("Upper limit", ""),
    "n_animals": ("Animals that have both", ""),
    "p": ("Two-sided p of the difference, all sign patterns of the animals", ""),
}
