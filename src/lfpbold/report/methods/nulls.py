"""The paragraphs of the methods that tell of surrogates, and of what is compared with them."""

from __future__ import annotations

from ..text import count


def paragraphs(settings: dict) -> list[tuple[str, str]]:
    """Title and text of each paragraph; none where there are no surrogates."""
    if not settings["nulls"]["surrogates"]:
        return []
    return [
        ("Mediation through the seed", _mediation(settings)),
        ("Significance", _significance(settings)),
        ("Reliability", _reliability(settings)),
        ("What the LFP explains at best", _best(settings)),
        ("By frequency and over time", _spectrum(settings)),
    ]


def _mediation(settings: dict) -> str:
    options, main = settings["nulls"], settings["networks"]["main_band"]
    rim = count(options["rim_voxels"], "voxel")
    return (
        f"For each regressor {options['surrogates']} surrogates were made with its spectrum and exactly its correlation"
        " with the seed's BOLD: their phases relative to the seed's were drawn from von Mises distributions whose"
        " concentration gives that correlation. They were put through the same BOLD, and the maps of"
        f" {main} averaged over scans, surrogate by surrogate. What such regressors give is what mediation through the"
        " seed gives. The interval of the difference is from"
        f" {options['bootstrap']} resamplings of whole animals. A second comparison leaves out the seed and"
        f" {rim} around it. k of spatial r = r/√(r² + k²) was fitted by least squares, and set"
        " beside the spread of chance maps over that of the seed map, which is k of noise alone."
    )


def _significance(settings: dict) -> str:
    n = settings["nulls"]["surrogates"]
    return (
        f"Temporal r of each scan was tested against {n} phase-randomised [@prichard1994] and as many circularly"
        " shifted surrogates of the seed's BOLD, which have its spectrum, so that no formula for the effective number"
        " of samples is needed; r at all lags against the same phase-randomised surrogates. Spatial r was tested"
        f" against {n} phase-randomised regressors put through the same BOLD, and, as a second opinion that needs no"
        f" time series, against {n} maps in random order that were smoothed to the variogram of the seed map"
        " [@burt2020]. For all scans of a state and site the mean of animals' means of Fisher's z was set against the"
        " same mean of surrogates; that p concerns these animals and scans. For animals at large, Student's t and the"
        " exact sign-flip test of the animals' means stand beside it; the latter cannot be smaller than 2 to the power"
        " of one minus the number of animals. Family-wise p compare each value with the largest of its family in each"
        " surrogate [@westfall1993]: families are the named bands, all 1-Hz bins, or all lags of a band. All other p"
        " are not corrected for several bands. Cross-scan pairing sets the regressor of a scan against the BOLD of"
        " other animals, which shares everything with the scan's own but the time at which things happened. All these p"
        " are two-sided unless said otherwise, and each is (1 + surrogates as large) / (1 + surrogates)."
    )


def _reliability(settings: dict) -> str:
    options = settings["variance"]
    return (
        "In space the LFP map of one half of a scan was correlated with the seed map of the other half, which shares no"
        " noise with it, and divided by the root of the product of both maps' reliabilities, their correlation between"
        " the halves [@spearman1904]. In time the BOLD was corrected by two slabs of the seed's voxels, and, where a"
        " site has several contacts, the regressor by odd and even ones; both by the Spearman–Brown formula. Between"
        " animals, maps of different animals were correlated, which share neither the noise of a scan nor the animal's"
        f" own. Intervals ({100 * options['confidence']:g} %) are jackknives that leave out one animal at a time, and"
        f" studentised bootstraps over animals ({settings['nulls']['bootstrap']} resamplings). The measured CNR is the"
        " one at which the corrected r would appear as the observed one; beside it stand what the study's simulation"
        f" and its closed form make of a true r of {options['cnr_true_r']:g} at that CNR."
    )


def _best(settings: dict) -> str:
    lags = "{:g} to {:g}".format(*settings["nulls"]["response_s"]).replace("-", "−")
    return (
        "All removal bands together were fitted to the seed's BOLD in all animals but one and used to predict it in the"
        " one left out; p is one-sided, by circular shifts. Within scans, commonality analysis shares out the explained"
        " variance among all subsets of the bands [@nimon2008]. The response of BOLD to power was estimated without"
        f" a form, at lags of {lags} s, by least squares with smoothness as prior [@goutte2000];"
        " the weight of the prior is the one that predicts best the animals left out, and the standard errors are"
        " jackknives over animals. Nested cross-validation: in each animal the temporal r was"
        " computed with the configured HRF, with the HRF of the grid that was best in all other animals, and with the"
        " response estimated from all others; optimism is what choosing and judging by the same animals adds"
        " [@varma2006]."
    )


def _spectrum(settings: dict) -> str:
    options, band = settings["nulls"], settings["bold"]["band_pass_hz"] or (0.01, 0.1)
    return (
        "Coherence was estimated with orthogonal tapers [@thomson1982] and averaged over"
        f" {band[0]:g}–{band[1]:g} Hz; its mean for unrelated series is one over the number of tapers. Correlations in"
        f" sliding windows of {options['window_s']:g} s, {options['window_step_s']:g} s apart, were compared with those"
        " of surrogates in which both series get the same random phases, so that spectra and correlation stay and the"
        " relation never changes [@prichard1994]; the measure is the standard deviation of Fisher's z over windows."
        " Mutual information is that of a Gaussian copula [@ince2017], less its mean over circular shifts. Over animals"
        " coherence and windows were tested by Student's t of animals' means of the scans' normal scores Φ⁻¹(1 − p)."
    )
