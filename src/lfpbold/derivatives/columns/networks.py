"""Columns of matrices, peaks and components of networks."""

from .common import COUNTS, LABELS, OF_GROUP

_AGAINST = {
    "": "{measure}",
    "_expected": "Closed-form expectation under full mediation: a regressor related to regions through the seed only",
    "_null": "Mean for surrogates with the same r with the seed, which includes what any regressor removes by chance",
    "_null_low": "Lower end of their central 95 %",
    "_null_high": "Upper end",
    "_p": "Two-sided p against these surrogates; concerns this scan, or the scans of a `group` row",
    "_p_animals": "Student's t over animals of value minus null; the same in all rows of a state, site and removal",
}
_MEASURES = {
    "r": "Pearson correlation over edges of Fisher's z after removal with that before removal",
    "slope": "Least-squares slope over edges of Fisher's z after removal on that before removal",
}
CONNECTIVITY = {
    **LABELS,
    "sub": ("Animal; `group` for matrices averaged over scans", ""),
    "removal": ("What was regressed out of every region: gamma (the main band) or all_joint (all removal bands)", ""),
    "n_regions": ("Regions that have voxels", ""),
    "r_seed": ("Multiple correlation of what is removed with the seed's BOLD; `group`: mean over scans", ""),
    **{
        f"{name}{column}": (text.format(measure=measure), "")
        for name, measure in _MEASURES.items()
        for column, text in _AGAINST.items()
    },
    **COUNTS,
}
_PLACE = {
    f"{axis}_mm": (
        f"Position of the peak along {axis}, in the millimetres of the image, with subvoxel refinement",
        "mm",
    )
    for axis in "xyz"
}
NETWORK_PEAKS = {
    **OF_GROUP,
    "sub": ("Animal; `group` for the mean of the animals' mean maps", ""),
    "network": ("Seed of the network: `seed`, the electrode's own, or a name of connectivity.seeds", ""),
    "target": (
        "Name in connectivity.targets within which the peak is searched; `opposite`: the contralateral regions",
        "",
    ),
    "lfp": ("before, or after the main band was regressed out of every voxel", ""),
    **_PLACE,
    "value": ("Fisher's z at the largest voxel", ""),
    "inside": (
        "true where no neighbour outside the target is larger; otherwise this is the target's border and not a peak",
        "",
    ),
    "distance_mm": ("Median distance of the peaks of two random halves", "mm"),
    "se_mm": ("Standard error of the position in three dimensions, from these distances", "mm"),
    "radius_mm": ("Radius of the ball that contains the true position at variance.confidence; n/a with one map", "mm"),
    "shift_mm": (
        "Distance from the peak before removal (rows `after`); a scan's own network does not move under mediation",
        "mm",
    ),
    "units": ("Units of which halves are made: scans, half scans (fewer than four scans), animals", ""),
    "n": ("Number of units", ""),
    **COUNTS,
}
COMPONENTS = {
    **OF_GROUP,
    "component": ("Number, by decreasing share", ""),
    "share": ("Share of the variance of all scans' strongest principal components", ""),
    **_PLACE,
    "r_lfp": (
        "Temporal r of the main band with the component's time course, mean over scans of Fisher's z, transformed back",
        "",
    ),
    "p_animals": ("Two-sided p of r_lfp, Student's t over animals; not corrected for the number of components", ""),
    "r": (
        "Pearson correlation over voxels of the component's averaged map after removal with the one before",
        "",
    ),
    "r_expected": ("Closed-form expectation under full mediation through the component", ""),
    "slope": ("Least-squares slope of these maps", ""),
    "slope_expected": ("Closed-form expectation under full mediation", ""),
    "converged": ("false where FastICA did not converge", ""),
    **COUNTS,
}


def matrix_columns(regions) -> dict:
    """Columns of `*_relmat.tsv`: the region of the row, then one for each region."""
    return {"region": ("Label of the row's region; the columns are labels too", "")} | {
        str(label): (f"Fisher's z of the correlation with region {label}", "") for label in regions
    }
