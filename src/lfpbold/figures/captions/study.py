"""What stands under the figures of the whole study."""

from .words import N

CAPTIONS = {
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
            " square) if the noise were the same. Dotted green line, where there are surrogates: the CNR that halves of"
            " the scans measure instead."
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
}
