"""What stands under the figures of one state and site."""

from .words import SLICES, N

CAPTIONS = {
    "lags": (
        "Lagged correlation between band power (not convolved with an HRF) and the seed's BOLD, {who}.",
        (
            "Left: r (mean over scans, shading: SEM) against lag in seconds, one line per band; BOLD follows the LFP at"
            " positive lags."
        ),
        (
            "Dotted, where there are surrogates: size of r that by chance {main_band} reaches at none of the lags"
            " (family-wise, at the confidence of all intervals)."
        ),
        (
            "Right: the same mean for every 1-Hz bin of the LFP; lag in seconds across, frequency in hertz upwards,"
            " colour: r, centred on zero; dark grey bins were notched."
        ),
        "A peak at 2 to 4 s is what a hemodynamic response to the LFP looks like.",
        N,
    ),
    "regressors": (
        "Band power and its regressors in an example scan, {who}.",
        (
            "Each row is one band: power (pale, thin) and the regressor that convolution with the HRF makes of it"
            " (dark), against time in seconds; the last row is the seed's BOLD."
        ),
        "All are in standard deviations from the mean of the scan; 300 s at most are shown.",
        "Where a regressor rises and falls with the last row, that band explains BOLD in time.",
        "Example: {example}.",
    ),
    "maps": (
        (
            "Seed map and LFP maps, {who}: voxel-wise correlation r of BOLD with the seed's BOLD (top row, seed"
            " outlined) and with each band's HRF-convolved power (rows below), averaged over scans."
        ),
        "Colour: r, centred on zero; the seed map has a scale of its own, all bands share one.",
        SLICES,
        "A band whose row looks like the first explains BOLD in space.",
        N,
    ),
    "scatter": (
        "LFP map against seed map, voxel by voxel, {who}.",
        (
            "One panel per band, one dot per voxel (at most 8000 are drawn): r with the seed's BOLD across, r with the"
            " band's HRF-convolved power upwards, both averaged over scans."
        ),
        "The line is the least-squares fit; the title gives the spatial correlation over all voxels.",
        "Dots on a steep, narrow line mean that both maps have the same pattern.",
        N,
    ),
    "sweep": (
        "Spatial and temporal correlation of every 1-Hz bin of the LFP, {who}.",
        (
            "Against frequency in hertz: spatial r of the maps averaged over scans (black), mean of the scans' spatial"
            " r with its SEM (grey, dashed), and mean temporal r (blue, dotted)."
        ),
        (
            "Coloured blocks are the bands; gaps in the lines are bins that a notch left empty; squares at the top,"
            " where there are surrogates: more than chance, family-wise over all bins."
        ),
        "Where the black line is far from zero and the blue one is near it, space and time disagree.",
        N,
    ),
    "spectrogram": (
        "Spectrogram of one channel before and after the gradient artefact was removed, {who}.",
        (
            "Time in seconds across, frequency in hertz upwards, colour: power density in dB re 1 µV²/Hz; left the"
            " whole scan, right a close-up; upper row before, lower row after."
        ),
        "Each row has its own colour bar where the two differ by more than 20 dB.",
        (
            "The lower row is the LFP that is analysed: dark lines at multiples of the slice rate and of the mains are"
            " the notches, bright ones would be residue."
        ),
        "Example: {example}.",
    ),
    "shuffled": (
        (
            "Control with shuffled power, {who}: seed map, map of {main_band} power, and map of the same power with its"
            " frames in random order."
        ),
        (
            "Colour: r, centred on zero; the two lower rows share a scale, and their spatial correlation with the seed"
            " map stands beside them."
        ),
        SLICES,
        (
            "What is left in the last row is what power without a course in time gives, in one random order; that of"
            " power which fluctuates slowly would be somewhat larger."
        ),
        N,
    ),
    "paired": (
        "Temporal and spatial correlation of the same scans, {who}.",
        (
            "Columns are bands; rows are Pearson's r, Spearman's ρ and Fisher's z of Pearson's r; one dot per scan left"
            " (time) and right (space), joined by a line; thick bars: means of scans."
        ),
        (
            "Below each panel: the paired t-test whose unit is the scan, as in the study, and the p of the same test on"
            " animals' means, which does not take scans of one animal for independent."
        ),
        "Lines that move away from zero towards the right mean more explained in space than in time.",
        N,
    ),
    "hrfgrid": (
        "Temporal correlation of {main_band} power and the seed's BOLD for other hemodynamic responses, {who}.",
        (
            "Delay of the undershoot across, delay of the response upwards, both in seconds; colour: mean r over scans,"
            " centred on zero."
        ),
        (
            "Star: strongest cell; circle: configured response; crosses: both delays are equal, so that the response is"
            " a single gamma function without undershoot."
        ),
        (
            "By chance alone, the strongest of many cells is larger than one chosen beforehand; a flat map means that"
            " the choice of the response matters little."
        ),
        N,
    ),
    "removal": (
        "Seed maps before and after the LFP is taken away, {who}.",
        (
            "Rows: before; {main_band} regressed out of every voxel; {removal_bands} regressed out; only the unique"
            " part of each; and without volumes of {main_band} peaks (above percentile {percentile}). Colour: r,"
            " centred on zero."
        ),
        (
            "Right: similarity to the map before, as correlation over voxels (top) and slope (bottom); dots: scans;"
            " diamond: averaged maps."
        ),
        SLICES,
        "A slope below one with a correlation near one is a map that became weaker but kept its pattern.",
        N,
    ),
    "peaks": (
        "Peaks of {main_band} power and the seed map without them, {who}.",
        (
            "Top: HRF-convolved {main_band} power (solid) and the seed's BOLD (dashed) of an example scan, in standard"
            " deviations, against time in seconds; shaded: volumes above percentile {percentile}."
        ),
        (
            "Below: averaged seed map of all volumes and of those that are not shaded; colour: r, centred on zero, one"
            " scale."
        ),
        SLICES,
        "If both rows look alike, the network does not stem from those peaks.",
        "Example: {example}.",
        N,
    ),
    "information": (
        (
            "Mutual information of every voxel with the seed's BOLD (top row) and with each band's regressor (rows"
            " below), {who}, averaged over scans."
        ),
        (
            "Colour: nats above the chance level, which is what the estimator finds with the regressors shifted around"
            " by 1/4, 1/2 and 3/4 of the scan (each band's own; from the seed's row the mean of all is taken off); the"
            " seed's row has a scale of its own, all bands share one."
        ),
        SLICES,
        (
            "Mutual information has no sign and sees relations of any shape. The pattern counts more than the level:"
            " where nothing is related, half of the voxels lie above chance all the same."
        ),
        "Estimator: {note}.",
        N,
    ),
}
