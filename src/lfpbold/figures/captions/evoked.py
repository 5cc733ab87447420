"""What stands under the figures of runs with stimuli."""

from .words import SLICES, N

CAPTIONS = {
    "glm": (
        "Response to the stimuli, {who}: general linear model of each scan, then over animals.",
        (
            "Rows, for each contrast: mean response over animals in per cent of the voxel's mean signal; Student's t"
            " over animals within the clusters that sign flips of the animals' maps do not give (family-wise, by the"
            " largest cluster); and the share of scans in which the voxel lies in such a cluster of that scan alone."
        ),
        "The seed is outlined. An empty second row may mean too few animals: what they can show stands below.",
        SLICES,
        N,
    ),
    "evoked": (
        "Responses locked to the onset of the stimulus, {who}.",
        (
            "Left: BOLD of the seed, without drift and nuisance, change from baseline in per cent; middle: power of"
            " each band and of multi-unit activity, not convolved, in per cent of baseline; lines: mean over animals,"
            " shading: its standard error over animals."
        ),
        (
            "Right: share of the variance of the seed's BOLD that each regressor, or all bands together, explains in an"
            " animal that had no part in the fit; bars: interval over animals; p: of the difference from multi-unit"
            " power, all sign patterns of the animals."
        ),
        "Power that leads BOLD by a few seconds and returns with it is what a driven response looks like.",
        N,
    ),
    "rest_evoked": (
        "Temporal and spatial correlation of each band at rest and with stimuli, per site and state.",
        (
            "Open symbols: rest; filled: evoked; left: temporal r, middle: spatial r of scans (means), right: spatial r"
            " of averaged maps; lines: interval over animals; grey bars, where there are surrogates: the spatial r that"
            " mediation through the seed alone gives."
        ),
        (
            "The positive control: where a stimulus drives both, the same analysis must find a temporal r far above"
            " that of rest. Spatial r that is high on both sides says little, for grey bars are as high."
        ),
        N,
    ),
}
