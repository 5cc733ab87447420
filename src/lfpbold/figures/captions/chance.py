"""What stands under the figures of chance and algebra."""

from .words import N

CAPTIONS = {
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
    "response": (
        (
            "Response of the seed's BOLD to {main_band} power as the data themselves tell it, per site and state, with"
            " no shape supposed but that it is smooth."
        ),
        (
            "Against time after the power in seconds (before it, left of the grey line): BOLD, in standard deviations,"
            " for power raised by one standard deviation for one second (line; shading: ± 2 standard errors, jackknife"
            " over animals), and the configured HRF scaled to it (dashed)."
        ),
        (
            "Where the dashed line runs within the shading the configured HRF is as good as any. A flat line with"
            " hardly any shading was not measured precisely: nothing could be predicted, and smoothness got all the"
            " weight. The BOLD is filtered, so that the level of the response is not known."
        ),
        N,
    ),
    "coherence": (
        (
            "Coherence of each band's regressor with the seed's BOLD, mean over the frequencies of the BOLD, per site"
            " and state: correlation whatever the delay at each frequency."
        ),
        (
            "Upwards: magnitude-squared coherence, 0 to 1; dots: scans; open circles: animals' means; thick bars: means"
            " of scans; grey dashed line: mean of unrelated series, one over the number of tapers."
        ),
        (
            "Only what lies above the grey line is coupling. Coherence asks for no particular delay: where it is well"
            " above chance and the temporal r is near zero, the delay is not that of the configured HRF."
        ),
        N,
    ),
    "windows": (
        "Change over time of the correlation between power and the seed's BOLD, per site and state.",
        (
            "Upwards: standard deviation of Fisher's z over sliding windows of a scan; across: the same where the"
            " relation never changes, from surrogates with the same spectra and the same mean correlation; one dot per"
            " scan, {main_band} coloured, all other bands grey; dashed line: both are equal."
        ),
        (
            "Correlations in short windows wander even where nothing changes. Only scans above the dashed line say"
            " that coupling comes and goes; the p is over animals, for {main_band} alone."
        ),
        N,
    ),
}
