"""What stands under each figure: what is drawn, its axes and units, n, and how to read it."""

from __future__ import annotations

from string import Formatter

# Panels of Tu, Cramer & Zhang 2024 that each figure reproduces; empty for what the study does not show.
PANELS = {
    "lags": "1B 1C",
    "regressors": "1D",
    "maps": "1E 1F 2A 2B 1-s4 2-s3",
    "scatter": "1G–K 2C–G",
    "sweep": "1L 2H",
    "spectrogram": "1-s2",
    "shuffled": "2-s1",
    "paired": "3A 3B 3-s2 3-s3",
    "hrfgrid": "3-s1",
    "removal": "4A–C 5A–C 4F 5E 4-s1",
    "peaks": "4D 4E 5D",
    "information": "5-s1",
    "headline": "",
    "mediation": "",
    "bands": "",
    "noise": "3C–G",
    "states": "",
    "multiunit": "",
    "yardstick": "",
    "artefact": "",
    "motion": "",
}

SLICES = (
    "Slices are labelled in millimetres of the atlas image; its x runs to the right; grey is anatomy, which shows"
    " through where the value is small."
)

N = "n: {n}."

# {Words in braces} are facts of the study; a sentence is left out where its fact is not known.
CAPTIONS = {
    "lags": (
        "Lagged correlation between band power (not convolved with an HRF) and the seed's BOLD, {who}.",
        (
            "Left: r (mean over scans, shading: SEM) against lag in seconds, one line per band; BOLD follows the LFP at"
            " positive lags."
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
        "Coloured blocks are the bands; gaps in the lines are bins that a notch left empty.",
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
    "mediation": (
        "Averaged maps of {main_band} power against what pure mediation gives, per site and state.",
        (
            "Grey bar and tick: interval and mean of surrogate regressors that have exactly the same r to the seed's"
            " BOLD and the same spectrum, put through the same BOLD and averaged over the same scans; diamond: what was"
            " found; dots: averages of each animal. Across: r of the averaged LFP map with the averaged seed map, the"
            " same without the seed and its rim, and r of the seed map after removal of {main_band} with that before."
        ),
        (
            "A diamond inside the bar says that the agreement is no more than any regressor so correlated with the seed"
            " would have; beyond its right end there is more, beyond its left end less."
        ),
        N,
    ),
    "headline": (
        "Variance that {main_band} power explains in time and in space, per site and state.",
        (
            "Upwards: r² in per cent; left, of {main_band} power and the seed's BOLD; middle, of LFP map and seed map"
            " of a scan; right, of the averaged maps."
        ),
        (
            "Dots are scans, joined by lines, open where r is negative; bars are r² of the mean r or of averaged maps,"
            " with an interval over animals."
        ),
        "Bars that rise to the right mean that the LFP explains where BOLD fluctuates together better than when.",
        N,
    ),
    "bands": (
        "Temporal (top) and spatial (bottom) correlation of every band, per site and state.",
        "One dot per scan; thick bars: means of scans; diamonds: spatial r of the maps averaged over scans.",
        "Diamonds far beyond the bars: averaging removes noise from maps, but not from the single scan's r.",
        N,
    ),
    "noise": (
        "What noise leaves of a correlation, after the study.",
        (
            "First panel: r of two noisy signals whose true r is known, simulated (symbols: mean, shading: standard"
            " deviation over trials) and in closed form (line), against the contrast-to-noise ratio."
        ),
        (
            "Other panels, per site and state: the CNR at which the assumed r appears as the observed spatial one"
            " (black dot), and the true temporal r (dashed) that would appear as the observed temporal one (coloured"
            " square) if the noise were the same."
        ),
        (
            "A dashed line far below the black one means that noise, if it were the same in space and in time, would"
            " not explain the difference."
        ),
        N,
    ),
    "states": (
        "Temporal (top) and spatial (bottom) correlation of each band, state against state, per site.",
        "One symbol per animal (mean of its scans), lines join an animal's states; thick bars: means of scans.",
        (
            "Above each band: the difference of the means (second state minus first), and the p-value with animals"
            " recorded in both states as the unit; n/a below two such animals."
        ),
        N,
    ),
    "multiunit": (
        "The LFP ({main_band} power) against spiking (multi-unit power) as an account of BOLD, per site and state.",
        (
            "One dot per scan: correlation of the seed's BOLD with HRF-convolved multi-unit power across, with"
            " {main_band} power upwards; open triangles: partial correlations, each given the other; dashed: equal."
        ),
        (
            "Above: rms in the multi-unit band (medians of scans) of the gradient artefact and of what its removal"
            " left, beside the recording outside the scan. Spiking waxes and wanes, so that seconds outside the scan"
            " make the residue a guess, and minutes an estimate."
        ),
        (
            "Dots that lie further from zero upwards than across: the LFP tells more of BOLD than spiking does,"
            " provided that the residue is small and both are measured equally well."
        ),
        N,
    ),
    "yardstick": (
        (
            "Published correlations of Tu, Cramer & Zhang 2024 (crosses) and those of these recordings (dots), per"
            " band, site and state."
        ),
        (
            "Rows: mean temporal r, mean spatial r of scans, and spatial r of averaged maps; the cross is missing where"
            " the study gives no value. Below: lag and noise argument of the main band, where published."
        ),
        "Short lines mean agreement; the published numbers come from other animals and need not be met.",
        N,
    ),
    "artefact": (
        "The LFP of one channel before (grey) and after (blue) template removal, {who}.",
        (
            "Left: a stretch of the trace in µV against seconds, each on its own scale; right: power density in µV²/Hz"
            " against frequency in hertz, with multiples of the slice rate marked."
        ),
        "Blue peaks at the marks are residue, which the notches take out later.",
    ),
    "motion": (
        "Motion of one run, {who}.",
        (
            "Top: framewise displacement in mm against volume, with its threshold (dashed); below: the translations in"
            " mm and rotations in degrees from which it is made."
        ),
        "Shaded volumes are left out of the analysis.",
    ),
}


def caption_of(figure, kind: str, **facts) -> str:
    """What stands under this figure: nothing where it says in words that there is nothing to see."""
    return "" if getattr(figure, "only_words", False) else caption(kind, **facts)


def caption(kind: str, **facts) -> str:
    """What stands under a figure.

    Parameters
    ----------
    kind : str
        Name of the figure.
    **facts : str
        `who` ("M1, sedated"), `n` ("4 scans of 2 animals, 3120 voxels"), `example` ("sub-01 ses-01 run-1"),
        `main_band`, `percentile`, `removal_bands`, `note` (how mutual information is estimated). Each may be missing;
        each figure takes those that concern it.

    Returns
    -------
    text : str

    Examples
    --------
    >>> caption("motion", who="sub-01, run-1")[:33]
    'Motion of one run, sub-01, run-1.'
    """
    told = {key: str(value).strip().rstrip(".") for key, value in facts.items() if value not in (None, "")}
    words = {"main_band": "main-band", "percentile": "85", "removal_bands": "all bands", **told}
    sentences = [s if "who" in words else s.replace(", {who}", "") for s in CAPTIONS[kind]]
    known = [s for s in sentences if all(name in words for _, name, _, _ in Formatter().parse(s) if name)]
    return " ".join(sentence.format(**words) for sentence in known)
