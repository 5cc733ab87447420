"""Columns of the tables of nulls, reliability and animals."""

from .common import BAND, COUNTS, LABELS, OF_GROUP

AGAINST = {
    "observed": ("Observed value", ""),
    "expected": ("Mean of the surrogates: expectation under full mediation through the seed", ""),
    "null_low": ("Lower quantile of the surrogates", ""),
    "null_high": ("Upper quantile", ""),
    "percentile": ("Mid-rank of the observed value among the surrogates, 0 to 1", ""),
    "p": ("Two-sided p under full mediation", ""),
}
NULL_MEASURES = {
    "spatial_r": "spatial r of LFP map and seed map",
    "spatial_r_rim": "the same without the seed and its rim",
    "removal_r": "r of the seed map after removal with the one before",
    "removal_slope": "slope of the seed map after removal on the one before",
}
NULLS = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation in time of the regressor with the seed's BOLD", ""),
    "n_surrogates": ("Surrogates of each kind", ""),
    "p_phase": ("Two-sided p of r from phase-randomised surrogates of the seed's BOLD", ""),
    "p_shift": ("The same from circular shifts", ""),
    "p_phase_max": ("p_phase, family-wise over the named bands", ""),
    "p_spatial": ("Two-sided p of the spatial r from phase-randomised regressors related to the same BOLD", ""),
    "p_spatial_max": ("The same, family-wise over the named bands", ""),
    "p_variogram": (
        (
            "Two-sided p of the spatial r from seed maps of the same variogram: if large, smoothness alone explains r;"
            " if small, nothing is confirmed, for maps that share symmetry or networks give it by chance (in .14 to .52"
            " of cases at .05)"
        ),
        "",
    ),
    "lag_peak_s": ("Lag at which the power, not convolved, correlates most with the seed's BOLD, of either sign", "s"),
    "lag_peak_r": ("Its r", ""),
    "p_lag_max": ("Two-sided p of lag_peak_r, family-wise over all lags", ""),
    "information": (
        "Gaussian-copula mutual information with the seed's BOLD, mean over circular shifts subtracted",
        "nat",
    ),
    "information_bias": ("The mean that was subtracted", "nat"),
    "p_information": ("One-sided p from these shifts", ""),
    **{
        f"{name}_{column}": (f"{text[0].upper()}{text[1:]}: {about[0].lower()}{about[1:]}", "")
        for name, text in NULL_MEASURES.items()
        for column, (about, _) in AGAINST.items()
    },
    "k": ("k of spatial r = r/√(r² + k²)", ""),
    "k_noise": ("k of map noise alone: noise_sd/seed_sd", ""),
    "halves_lfp": ("Spatial r of the LFP maps of the first and the second half of the scan", ""),
    "halves_seed": ("The same of the seed maps", ""),
    "halves_across": ("Spatial r of the LFP map of one half with the seed map of the other", ""),
    "seed_halves": ("Temporal r of the mean BOLD of two slabs of the seed", ""),
    "contact_halves": ("Temporal r of the regressors from odd and from even contacts; n/a with a single contact", ""),
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
    "n_scans": ("Scans averaged; of an animal, its own", ""),
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
    "k_noise": ("k of map noise alone, of the main band", ""),
    "r2": ("Share of the variance of spatial r that the law explains", ""),
    "n": ("Pairs of temporal and spatial r", ""),
    **COUNTS,
}
CROSS_SCAN = {
    **OF_GROUP,
    **BAND,
    "pair": (
        "LFP map of a scan with the seed map of the same_scan, of others of the same_animal, of other_animals",
        "",
    ),
    "n": ("Scans that have such a pair", ""),
    "n_animals": ("Animals among them", ""),
    "r": ("Mean spatial r", ""),
}
EXPLAINED = {
    **OF_GROUP,
    "sub": ("Held-out animal, predicted from the others; `group` for the mean of animals", ""),
    "n_scans": ("Its scans", ""),
    "n_animals": ("Animals that the mean is over; 1 for an animal", ""),
    "r": (
        "Correlation of the seed's BOLD with its cross-validated prediction by all of networks.removal_bands together",
        "",
    ),
    "r2": ("1 − residual over total variance; negative where the prediction is worse than the mean", ""),
    "p": ("One-sided p of r by circular shifts (group)", ""),
}
COMMONALITY = {
    **OF_GROUP,
    "bands": ("Bands to which this part is common, and to no other; `all` for the sum", ""),
    "n_scans": ("Scans averaged", ""),
    "n_animals": ("Animals among them", ""),
    "part": (
        (
            "Share of the variance of the seed's BOLD within scans, minus that expected by chance where the degrees of"
            " freedom are known; may be negative"
        ),
        "",
    ),
}
RELIABILITY = {
    **OF_GROUP,
    **BAND,
    "measure": (
        (
            "spatial: LFP map of one half of a scan with the seed map of the other; spatial_animals: of one animal with"
            " another's (main band); temporal: regressor with the seed's BOLD, disattenuated for the BOLD alone;"
            " temporal_contacts: disattenuated for both, the regressor from odd and even contacts"
        ),
        "",
    ),
    "n": ("Scans", ""),
    "n_animals": ("Animals", ""),
    "r": ("Mean r over scans, or over pairs of animals", ""),
    "reliability_x": ("Reliability of the LFP map or the regressor; 1 where it is not known (temporal)", ""),
    "reliability_y": (
        "Reliability of the seed map, or of the seed's BOLD (an upper limit after smoothing)",
        "",
    ),
    "value": ("Disattenuated r, r/√(reliability_x reliability_y); may exceed 1", ""),
    "low": ("Lower limit, jackknife over animals", ""),
    "high": ("Upper limit", ""),
    "bootstrap_low": ("Lower limit, studentised bootstrap over animals; n/a below four of them", ""),
    "bootstrap_high": ("Upper limit", ""),
    "cnr": (
        (
            "Contrast-to-noise ratio of whole scans, √(ρ/(1 − ρ)) of the mean reliability ρ (of maps: that of halves"
            " lengthened by two)"
        ),
        "",
    ),
    "cnr_study": (
        "The same from the study's argument (noise.tsv), which assumes the true r instead of measuring it",
        "",
    ),
    "simulated_r": ("r that the study's simulation gives for variance.cnr_true_r at the measured cnr", ""),
    "closed_form_r": ("The same from the closed form r_true / (1 + 1/CNR²)", ""),
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
    "p_sign_flip_floor": ("Smallest p that this number of animals allows", ""),
    "p_mixed": ("Random-intercept model (sensitivity analysis)", ""),
    "bootstrap_low": ("Lower limit, bootstrap over animals, sessions and scans; too narrow with few animals", ""),
    "bootstrap_high": ("Upper limit", ""),
    "bootstrap_t_low": ("Lower limit, studentised bootstrap over the same", ""),
    "bootstrap_t_high": ("Upper limit", ""),
    "icc": ("Intraclass correlation of the scans of an animal", ""),
    "design_effect": ("Variance of the mean over that of independent scans", ""),
    "n_effective": ("Number of independent scans that would be as informative", ""),
}

OVER_ANIMALS = {
    "n_animals": ("Animals of this state and site", ""),
    "mean_animals": ("Mean of the animals' means of r (Fisher's z, transformed back)", ""),
    "p_animals": (
        "Two-sided p of that mean, Student's t over animals; the same in all rows of a state, site and band",
        "",
    ),
}
OF_SCORES_OVER_ANIMALS = {
    "n_animals": ("Animals of this state and site", ""),
    "p_animals": (
        (
            "One-sided p over animals: Student's t of the animals' means of Φ⁻¹(1 − p), which is standard normal under"
            " the null hypothesis; the same in all rows of a state, site and band"
        ),
        "",
    ),
}
IN_SPACE_OVER_ANIMALS = {
    "spatial_mean_animals": ("Mean of the animals' means of spatial r (Fisher's z, transformed back)", ""),
    "spatial_p_animals": ("Two-sided p of that mean, Student's t over animals", ""),
}
BINS = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation in time of the bin's regressor with the seed's BOLD", ""),
    "p_phase": ("Two-sided p of r from phase-randomised surrogates of the seed's BOLD", ""),
    "p_phase_max": ("p_phase, family-wise over all bins", ""),
    "spatial_r": ("Pearson correlation over voxels of the bin's LFP map with the seed map", ""),
    "p_spatial": ("Two-sided p of spatial_r from phase-randomised regressors related to the same BOLD", ""),
    "p_spatial_max": ("p_spatial, family-wise over all bins", ""),
}
COHERENCE = {
    **LABELS,
    **BAND,
    "coherence": (
        "Multitaper magnitude-squared coherence of the regressor with the seed's BOLD, mean over the band",
        "",
    ),
    "above_chance": ("(coherence − bias)/(1 − bias); may be negative", ""),
    "bias": ("Its mean for unrelated series, 1/n_tapers", ""),
    "n_tapers": ("Tapers", ""),
    "phase": ("Phase of the mean cross-spectrum; below zero where BOLD follows the regressor", "rad"),
    "p": ("p of the band: Fisher's combination of frequencies a bandwidth apart", ""),
}
WINDOWS = {
    **LABELS,
    **BAND,
    "n_windows": ("Sliding windows", ""),
    "window_s": ("Their length", "s"),
    "r_low": ("Lowest r of a window", ""),
    "r_high": ("Highest", ""),
    "sd": ("Standard deviation over windows of Fisher's z", ""),
    "sd_expected": ("The same where the relation is constant: square root of the mean variance of the surrogates", ""),
    "p": ("One-sided p of sd against a correlation that is constant over time", ""),
}
INTER_SCAN = {
    **OF_GROUP,
    **BAND,
    "map": (
        (
            "Maps compared: lfp, seed, across (the LFP map of one scan with the seed map of the other), or"
            " disattenuated (across divided by the square root of the product of the first two)"
        ),
        "",
    ),
    "within": ("Mean spatial r of two scans of one animal", ""),
    "between": ("Mean spatial r of scans of different animals", ""),
    "between_low": ("Lower limit, jackknife over animals", ""),
    "between_high": ("Upper limit", ""),
    "of_average": ("Reliability of the average over animals (Cronbach's alpha over animals)", ""),
    "n_scans": ("Scans", ""),
    "n_animals": ("Animals", ""),
}
RESPONSE = {
    **OF_GROUP,
    **BAND,
    "lag_s": ("Time after the power", "s"),
    "h": ("Estimated response: BOLD of the seed, in standard deviations, for power raised by one for a second", ""),
    "se": ("Its standard error, jackknife over animals (over scans where there is one animal)", ""),
    "h_config": ("The HRF of the config, scaled to the estimate by least squares", ""),
    **COUNTS,
    "penalty": ("Weight of the smoothness prior that best predicts held-out data", ""),
}
HRFCHOICE = {
    **OF_GROUP,
    **BAND,
    "sub": ("Held-out animal; `group` for the mean over animals", ""),
    "method": (
        (
            "config: the HRF of the config; grid: the best of the grid in all other animals; fir: the response"
            " estimated from all other animals"
        ),
        "",
    ),
    "n_scans": ("Scans of the animal; for the group, of all", ""),
    "n_animals": ("Animals that the mean is over; 1 for an animal", ""),
    "delay_s": ("Delay of the chosen response", "s"),
    "undershoot_s": ("Delay of its undershoot", "s"),
    "r": ("Temporal r in the held-out animal", ""),
    "r_in_sample": (
        "Temporal r of the best cell of the grid when chosen with that animal; for the group, over all",
        "",
    ),
    "optimism": ("r_in_sample − r: gain from choosing and evaluating in the same data", ""),
}
PAIRING = {
    **LABELS,
    **BAND,
    "r": ("Pearson correlation of the regressor with the seed's BOLD of the same scan; `group`: mean over scans", ""),
    "expected": ("Mean over all pairs with BOLD of other animals", ""),
    "p": ("Two-sided p: of a scan against such pairs; `group` by a permutation of BOLD over scans", ""),
    "n_pairs": ("Scans of other animals (a scan), random orders (group)", ""),
    "n_scans": ("Scans that the mean is over (group)", ""),
    **OVER_ANIMALS,
}
SIGNIFICANCE = {
    **OF_GROUP,
    **BAND,
    "measure": (
        (
            "temporal: r of the regressor with the seed's BOLD; lag: r of the power, not convolved, at the lag of"
            " the largest |r|; spatial: r of LFP map and seed map"
        ),
        "",
    ),
    "family": ("Family of p_max and p_flip_max: bands, bins or lags", ""),
    "lag_s": ("Lag (measure lag)", "s"),
    "r": ("Mean over animals of their means over scans (Fisher's z, transformed back)", ""),
    "n_scans": ("Scans", ""),
    "n_animals": ("Animals", ""),
    "p": ("Two-sided p of r against surrogates of all these scans: inference to these animals and scans", ""),
    "p_max": ("The same, family-wise: against the largest of the family in each surrogate", ""),
    "threshold": ("|r| at which p_max is 1 − variance.confidence", ""),
    "p_animals": ("Student's t over animals: inference to the population of animals", ""),
    "p_flip": ("Exact sign-flip test over animals", ""),
    "p_flip_max": ("The same, family-wise", ""),
    "flip_floor": ("Smallest p that this number of animals allows", ""),
}
