"""The data, and what was computed where LFP and BOLD meet."""

from __future__ import annotations

from ..inputs import Variant
from ..text import count, dropped_whole, join, runs, span

SOFTWARE = (
    "The workflow is written in Snakemake [@molder2021] and Python, with NumPy [@harris2020] and SciPy "
    "[@virtanen2020] for arithmetic and filters, ANTs for images [@avants2011], nibabel for their files [@nibabel] "
    "and Matplotlib for the figures [@hunter2007]. Versions stand under Provenance."
)


def data(variant: Variant) -> str:
    """What was recorded, and what of it was analysed."""
    rows = [r.row for r in variant.recordings]
    analysed = {(r["sub"], r["ses"], r["run"], r["state"], r["site"]) for r in variant.tables["temporal"]}
    per_run = runs(variant.recordings)
    volumes = [r.motion["NumberOfVolumes"] for r in per_run if r.motion.get("NumberOfVolumes")]
    times = [r.motion["RepetitionTime"] for r in per_run if r.motion.get("RepetitionTime")]
    text = (
        f"{count(len(rows), 'recording')} (an electrode site in an fMRI run) of "
        f"{count(len({r['sub'] for r in rows}), 'animal')} entered, in "
        f"{count(len({(r['sub'], r['ses'], r['run'], r['state']) for r in rows}), 'run')}; {len(analysed)} reached the"
        " group tables. "
    )
    if volumes and times:
        text += f"A run had {span(volumes)} volumes at a repetition time of {span(times)} s. "
    # A run that could not be read is excluded too, but has no stage: it did not move.
    moved = [r for r in per_run if r.motion.get("Excluded") and r.motion.get("Stage")]
    dropped = sum(r.motion.get("Dropped", 0) for r in per_run if not r.motion.get("Excluded"))
    text += f"{dropped_whole(len(moved), 'run')} as a whole for motion, and of the others {count(dropped, 'volume')}. "
    runs_moved = {(r.row["sub"], r.row["ses"], r.row["run"], r.row["state"]) for r in moved}
    lost = {(r["sub"], r["ses"], r["run"], r["state"], r["site"]) for r in rows} - analysed
    others = len([key for key in lost if key[:4] not in runs_moved])
    if others:
        text += f"{dropped_whole(others, 'recording')} for other reasons. "
    return text + "The analysis follows Tu, Cramer and Zhang [@tu2024]."


def coupling(settings: dict, ran, maps: bool) -> str:
    """Temporal r, lags, and where there are maps those and spatial r."""
    options = settings["coupling"]
    seeds = "; ".join(f"{name}: {_seed(site, options)}" for name, site in settings["sites"].items())
    text = (
        "Temporal r is the Pearson correlation of a band's regressor with the mean BOLD signal of the voxels "
        f"around the electrode ({seeds}); its number of independent samples allows for autocorrelation "
        f"[@bartlett1935]. Lagged correlation, of power that was not convolved, covers ±{options['lag_max_s']:g} "
        "s; BOLD follows at positive lags, and the group's curves are means over scans with their standard error. "
    )
    text += _not_regressed(settings, ran)
    if not maps:
        return text + "Maps and spatial r need at least three voxels; there were fewer."
    return text + (
        "The seed map holds the correlation of the seed's mean with every voxel, "
        "an LFP map that of a regressor with every voxel, and spatial r is the Pearson correlation of the two over "
        "the brain's voxels: scan by scan, and of the maps averaged over scans."
    )


def controls(variant: Variant, maps: bool) -> str:
    """Shuffled power, the grid of HRFs, mutual information, and LFP against spiking."""
    options, networks = variant.settings["coupling"], variant.settings["networks"]
    main, parts = networks["main_band"], []
    if options["shuffle"]:
        parts.append(
            f"The frames of {main} power were put into random order (seed {variant.settings['seed']}, a stream of "
            "its own for each recording) before convolution, which keeps the values and destroys their course in time."
        )
    if options["grid_delay_s"] and options["grid_undershoot_s"]:
        delay, undershoot = (_steps(options[key]) for key in ("grid_delay_s", "grid_undershoot_s"))
        parts.append(
            f"The temporal r of {main} was computed again for every HRF of a grid: delay of the response {delay}, of "
            f"the undershoot {undershoot}, other parameters as above. Where both delays are equal, and the "
            "dispersions too, response and undershoot are one function and the HRF has no undershoot; these cells "
            "are marked as degenerate. The best of many is larger by chance alone."
        )
    if maps:
        parts.append(
            f"Mutual information, in nats, of the seed's signal and of each regressor with every voxel was estimated "
            f"{_estimator(options)}. Its chance level is the mean over voxels with the regressor shifted circularly by "
            "¼, ½ and ¾ of the scan, which keeps its autocorrelation."
        )
    if variant.tables["multiunit"]:
        parts.append(
            f"Whether the LFP or spiking predicts BOLD better [@logothetis2001] is asked of {main} and of multi-unit "
            "power, both convolved: by the correlation of each with the seed's BOLD, and by the partial correlation "
            "of each given the other."
        )
    return " ".join(parts) or "None was computed."


def _steps(edges) -> str:
    first, last, step = edges
    return f"{first:g} to {last:g} s by {step:g} s"


def _estimator(options: dict) -> str:
    if options["information"] == "gaussian_copula":
        return (
            "by the Gaussian copula [@ince2017]: −½ ln(1 − r²) with r the correlation of normal scores, a lower bound "
            "that sees monotonic relations only"
        )
    kind = {"equal_width": "wide", "equal_occupancy": "occupied"}[options["information"]]
    return (
        f"from a histogram of {options['information_bins']} by {options['information_bins']} bins, the bins of a "
        f"variable equally {kind} (the plug-in estimate, which is biased upwards, the more so the fewer samples are "
        "independent; the Gaussian copula [@ince2017] would hardly be)"
    )


def _not_regressed(settings: dict, ran) -> str:
    """What the nuisance regression, which the LFP regressors did not undergo, does to r."""
    more = [r for r in ran if set(r.bold.get("Nuisance") or ()) - {"constant", "trend"}]
    volumes = [len(r.bold["VolumesKept"]) for r in more if r.bold.get("VolumesKept")]
    if settings["hrf"]["band_pass"] not in (None, "none") or not volumes:
        return ""
    return (
        "The LFP regressors were neither regressed on the nuisance set nor band-pass filtered; with "
        f"{span(volumes)} volumes and {span({len(r.bold['Nuisance']) for r in more})} nuisance regressors, this alone "
        "lowers r. "
    )


def _seed(site: dict, options: dict) -> str:
    if "seed_label" in site:
        return f"atlas label {join(site['seed_label'])}".replace("-", "−")
    if "seed_mm" in site:
        return f"{options['seed_radius_mm']:g} mm around ({', '.join(f'{v:g}' for v in site['seed_mm'])}) mm".replace(
            "-", "−"
        )
    return "a mask" if "seed_mask" in site else "all voxels"


def networks(settings: dict) -> str:
    """The four removals."""
    options = settings["networks"]
    main, bands = options["main_band"], options["removal_bands"]
    return (
        f"The seed map was computed again after each of four removals: {main} regressed out of every voxel; "
        f"{join(bands)} regressed out jointly by ordinary least squares; only the unique part of each of these "
        "bands, its residual on the others, taken out with its coefficient of the joint fit [@griffanti2014]; and "
        f"volumes whose {main} regressor lies above percentile {options['peak_percentile']:g} left out. Reported "
        "are the correlation of the seed map after with the one before, and the slope, which unlike the "
        "correlation falls when a map fades everywhere."
    )


def variance(settings: dict, maps: bool) -> str:
    """Intervals, and where there are maps the noise argument."""
    options = settings["variance"]
    first, last, step = options["cnr_range"]
    confidence = f"{100 * options['confidence']:g} %"
    intervals = (
        f"Values are means over scans; intervals ({confidence}) take the animal as the unit: Student's t over the "
        "animals' means of Fisher's z"
    )
    if not maps:
        return f"{intervals}. {_tests(maps)}"
    points = join(options["cnr_points"])
    return (
        f"{intervals}, and for averaged maps the jackknife that leaves out one animal at a time. {_tests(maps)} "
        "The noise argument of the study [@tu2024] asks at which contrast-to-noise ratio (CNR) a true correlation "
        f"of {options['cnr_true_r']:g} would appear as the observed spatial r, and what temporal r, "
        "if space and time suffered the same noise, would then appear as the observed one: by "
        f"simulation at CNR {first:g} to {last:g} by {step:g} "
        f"({options['cnr_trials']} trials of {points} points, the lengths of a scan and of a map, seed "
        f"{settings['seed']}) and by the closed form r = r_true / (1 + 1/CNR²). It is an argument and not a "
        "measurement."
    )


def _tests(maps: bool) -> str:
    """The study's own tests, and what stands beside them."""
    paired = " and paired for spatial against temporal r of the same scan," if maps else ""
    return (
        "The study's t-tests [@tu2024], which take the scan as the unit although scans of one animal resemble each "
        f"other, are given as such: Student's t of each r against zero,{paired} for Pearson's r, Spearman's rank "
        "correlation and Fisher's z, and paired for the LFP against multi-unit power; beside each "
        "stands the same test of the animals' means. States are compared by Welch's t over scans and, beside it, by "
        "the paired difference of the means of animals that were recorded in both."
    )
