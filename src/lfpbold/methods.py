"""The methods section, written from the settings and from the sidecars of what really ran."""

from __future__ import annotations

from collections import Counter

from .report_inputs import Recording, Variant

WORDS = {
    "constant": "a constant",
    "trend": "a linear trend",
    "white_matter": "the mean signal of white matter",
    "ventricles": "the mean signal of the ventricles",
    "global_signal": "the mean signal of the brain (global signal)",
}
INTERPOLATION = {"linear": "trilinear", "bSpline": "B-spline"}


def sections(variant: Variant) -> list[tuple[str, str]]:
    """Title and text of each paragraph; `[@key]` marks a citation.

    Parameters
    ----------
    variant : Variant
        Resolved settings, tables, and the sidecars of each recording.
    """
    ran = [r for r in variant.recordings if r.lfp or r.bold or r.motion]
    return [
        ("Data", _data(variant)),
        ("Local field potential", _lfp(variant.settings, [r for r in ran if r.lfp.get("Stage")])),
        ("Band power and regressors", _power(variant.settings, [r for r in ran if r.lfp.get("Stage")])),
        ("Motion and atlas space", _motion(variant.settings, runs(r for r in ran if r.motion.get("Stage")))),
        ("BOLD signal", _bold(variant.settings, runs(r for r in ran if r.bold.get("Stage")))),
        ("Correlation in time and in space", _coupling(variant.settings)),
        ("Removal of the LFP", _networks(variant.settings)),
        ("Noise and statistics", _variance(variant.settings)),
        ("Software", SOFTWARE),
    ]


def runs(recordings) -> list[Recording]:
    """One recording of each run: the BOLD of a run is the same for all its sites."""
    return list({(r.row["sub"], r.row["ses"], r.row["run"]): r for r in recordings}.values())


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _dropped(n: int, noun: str) -> str:
    return f"{_count(n, noun) if n else f'No {noun}'} {'were' if n > 1 else 'was'} left out"


def _join(items) -> str:
    items = [str(item) for item in items]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def _span(values, form="{:g}") -> str:
    """One value, or the lowest and highest of several."""
    values = sorted(set(values))
    texts = list(dict.fromkeys(form.format(v).replace("-", "−") for v in values))
    return texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}"


def _data(variant: Variant) -> str:
    rows = [r.row for r in variant.recordings]
    analysed = {(r["sub"], r["ses"], r["run"], r["site"]) for r in variant.tables["temporal"]}
    per_run = runs(variant.recordings)
    volumes = [r.motion["NumberOfVolumes"] for r in per_run if r.motion.get("NumberOfVolumes")]
    times = [r.motion["RepetitionTime"] for r in per_run if r.motion.get("RepetitionTime")]
    text = (
        f"{_count(len(rows), 'recording')} (an electrode site in an fMRI run) of "
        f"{_count(len({r['sub'] for r in rows}), 'animal')} "
        f"entered, in {_count(len({(r['sub'], r['ses'], r['run']) for r in rows}), 'run')}; "
        f"{len(analysed)} reached the group tables. "
    )
    if volumes and times:
        text += f"A run had {_span(volumes)} volumes at a repetition time of {_span(times)} s. "
    # A run that could not be read is excluded too, but has no stage: it did not move.
    moved = [r for r in per_run if r.motion.get("Excluded") and r.motion.get("Stage")]
    dropped = sum(r.motion.get("Dropped", 0) for r in per_run if not r.motion.get("Excluded"))
    text += f"{_dropped(len(moved), 'run')} as a whole for motion, and of the others {_count(dropped, 'volume')}. "
    runs_moved = {(r.row["sub"], r.row["ses"], r.row["run"]) for r in moved}
    lost = {(r["sub"], r["ses"], r["run"], r["site"]) for r in rows} - analysed
    others = len([key for key in lost if key[:3] not in runs_moved])
    if others:
        text += f"{_dropped(others, 'recording')} for other reasons. "
    return text + "The analysis follows Tu, Cramer and Zhang [@tu2024]."


def _lfp(settings: dict, ran) -> str:
    stages = Counter(r.lfp["Stage"] for r in ran)
    if not stages:
        return "No LFP recording reached this step."
    parts, options = [], settings["artefact"]
    raw = [r.lfp for r in ran if r.lfp["Stage"] == "raw"]
    if raw:
        parts.append(_artefact(raw, options))
    if stages["lfp"]:
        parts.append(
            f"{_count(stages['lfp'], 'recording')} entered as LFP free of gradient artefact: cut to the scan and "
            "resampled to "
            f"{options['fs_hz']:g} Hz, nothing else."
        )
    if stages["power"]:
        parts.append(
            f"{_count(stages['power'], 'recording')} entered as band power or envelope and "
            f"{'was' if stages['power'] == 1 else 'were'} only cut to the scan."
        )
    return " ".join(parts)


def _artefact(raw: list[dict], options: dict) -> str:
    fs = _span({r["RawSamplingFrequency"] for r in raw}, "{:.10g}")
    text = f"The LFP of {_count(len(raw), 'recording')}, sampled at {fs} Hz, was raw. "
    templates = {r["Template"] for r in raw}
    if templates == {"none"}:
        text += "No gradient artefact was removed. "
    else:
        slices = _span({r["SliceAcquisitionsPerVolume"] for r in raw})
        kind = "one template per slice" if "per_slice" in templates else "one template for all slices"
        how = {
            "artefact": "fitted to the triggers or the start of the scan and then to the period of the artefact itself",
            "triggers": "fitted to the triggers or the start of the scan",
            "nominal": "taken at its nominal period",
        }[options["clock"]]
        text += (
            f"The clock of the scanner was {how}; its volume period differed from the nominal repetition time by "
            f"{_span([r['ClockPpm'] for r in raw], '{:+.2f}')} ppm. The gradient artefact was removed by template "
            "regression [@tu2022]: "
            f"the signal was cut into the slice acquisitions ({slices} per volume), averaged to {kind}"
            + (", the template shifted to each acquisition in fractions of a sample," if options["align"] else ",")
            + " and regressed out of it. "
        )
    notches = sorted({n for r in raw for n in r["Notches"]})
    low, high = options["band_pass_hz"]
    text += f"Each channel was resampled to {options['fs_hz']:g} Hz"
    if notches:
        text += f", notched at {_list_hz(notches)} (−3 dB width {_span({r['NotchWidth'] for r in raw})} Hz)"
    return (
        text + f" and band-pass filtered at {low:g}–{high:g} Hz (Butterworth of order {options['filter_order']}, zero "
        "phase)."
    )


def _list_hz(values) -> str:
    shown = [f"{v:.6g}" for v in values]
    return (
        f"{_join(shown)} Hz"
        if len(shown) <= 8
        else f"{len(shown)} frequencies ({', '.join(shown[:6])} … {shown[-1]} Hz)"
    )


def _power(settings: dict, ran) -> str:
    power, hrf = settings["power"], settings["hrf"]
    text = ""
    if any(r.lfp["Stage"] != "power" for r in ran):
        bands = _join(f"{name} {low:g}–{high:g} Hz" for name, (low, high) in settings["bands"].items())
        text = (
            f"Power was the one-sided spectral density in windows of {power['window_s']:g} s ({power['taper']}) every "
            f"{power['step_s']:g} s, summarised over {bands} (lower edge included, upper not; bins that a notch "
            "touches left out)"
        )
        text += (
            f" and over 1-Hz bins from {power['one_hz'][0]:g} to {power['one_hz'][1]:g} Hz. "
            if power["one_hz"]
            else ". "
        )
        text += {
            "mean_power": "The power of the channels of a site was averaged. ",
            "mean_signal": "The channels of a site were averaged before. ",
        }[power["channels"]]
    p = ", ".join(f"{v:g}" for v in hrf["p"])
    text += (
        f"Power was freed of its {'mean' if hrf['detrend'] == 'constant' else 'linear trend'}"
        + (", band-passed like the BOLD signal" if hrf["band_pass"] == "power" else "")
        + f" and convolved with the haemodynamic response function of SPM (spm_hrf, p = [{p}]) [@spm12]"
        + f", sampled {_after_onset(hrf['sample_at_s'])} of each volume"
        + (", and band-passed like the BOLD signal" if hrf["band_pass"] == "regressor" else "")
        + "."
    )
    return text


def _after_onset(seconds: float) -> str:
    return f"{seconds:g} s after the onset" if seconds else "at the onset"


def _motion(settings: dict, ran) -> str:
    if not ran:
        return "No BOLD run reached this step."
    options, parts = settings["motion"], []
    stages = Counter(r.motion["Stage"] for r in ran)
    corrected = [r for r in ran if r.motion.get("MotionReference")]
    if corrected:
        reference = _join(sorted({r.motion["MotionReference"] for r in corrected}))
        parts.append(
            f"Every volume of {_count(len(corrected), 'run')} was rigidly aligned to the {reference} volume with "
            "ANTs [@avants2011]; "
            f"framewise displacement was computed with a radius of {options['radius_mm']:g} mm [@power2012]."
        )
        parts += [_scrubbing(state, rule, corrected) for state, rule in _states(settings, corrected)]
    if stages["raw"] and not options["correct"]:
        parts.append("Motion was not corrected.")
    entered = stages["realigned"] + stages["clean"]
    if entered:
        parts.append(f"{_count(entered, 'run')} entered motion-corrected; no motion was estimated there.")
    parts += _registration(ran, options)
    return " ".join(parts)


def _states(settings: dict, ran):
    """The motion rule of each state that occurs."""
    states = dict.fromkeys(r.row["state"] for r in ran)
    rules = settings["states"]
    return [(state, rules.get(state, rules.get("default"))) for state in states]


def _scrubbing(state: str, rule: dict | None, ran) -> str:
    if not rule or rule["on_motion"] == "keep":
        return f"No volume of the state “{state}” was left out."
    threshold = f"{rule['fd_mm']:g} mm"
    mine = [r for r in ran if r.row["state"] == state]
    whole = sum(bool(r.motion.get("Excluded")) for r in mine)
    if rule["on_motion"] == "drop_scan":
        moved = f"in which any displacement exceeded {threshold}"
        return f"A scan of the state “{state}” {moved} was dropped ({whole} of {len(mine)})."
    neighbours = rule.get("neighbours", 0)
    adjoining = f" and {_count(neighbours, 'neighbour')} on either side" if neighbours else ""
    dropped = sum(r.motion.get("Dropped", 0) for r in mine if not r.motion.get("Excluded"))
    limit = rule.get("max_dropped_fraction", 1.0)
    return (
        f"In the state “{state}”, volumes whose displacement exceeded {threshold}{adjoining} were left out before "
        "anything was fitted "
        f"({_count(dropped, 'volume')} in {_count(len(mine) - whole, 'run')}), and a scan was dropped when more than "
        f"{100 * limit:g} % "
        f"would go ({whole} of {len(mine)})."
    )


def _registration(ran, options) -> list[str]:
    kinds = Counter(r.motion.get("Registration", "") for r in ran)
    parts = []
    for kind, count in kinds.items():
        if kind == "none: already in atlas space":
            parts.append(
                f"Registration was skipped in {_count(count, 'run')} whose images were on the atlas's grid already."
            )
        elif kind and not kind.startswith("none"):
            name = {"rigid": "rigid", "affine": "affine", "syn": "symmetric diffeomorphic (SyN)"}.get(kind, kind)
            parts.append(
                f"{_count(count, 'run')} {'was' if count == 1 else 'were'} registered to the anatomy of the atlas by "
                f"a {name} "
                "transformation with ANTs [@avants2011]; motion correction and registration were applied in one "
                f"{INTERPOLATION.get(options['interpolation'], options['interpolation'])} interpolation."
            )
    return parts


def _bold(settings: dict, ran) -> str:
    if not ran:
        return "No BOLD run reached this step."
    clean = [r for r in ran if r.bold["Stage"] == "clean"]
    cleaned = [r.bold for r in ran if r.bold["Stage"] != "clean"]
    parts, options = [], settings["bold"]
    for (fwhm, nuisance, band, padding), same in _alike(cleaned).items():
        text = f"{_count(len(same), 'run')} {'was' if len(same) == 1 else 'were'} "
        if fwhm:
            text += f"smoothed with a Gaussian of {fwhm:g} mm full width at half maximum and "
        text += f"regressed voxel by voxel on {_nuisance(nuisance)}"
        if band:
            text += (
                f", then band-pass filtered at {band[0]:g}–{band[1]:g} Hz (Butterworth of order "
                f"{options['filter_order']}, zero phase, {padding} padding)"
            )
        parts.append(text + f". {_span([b['BrainVoxels'] for b in same])} voxels lay in the brain.")
    if clean:
        counts = {r.bold["BrainVoxels"] for r in clean}
        voxels = _count(1, "voxel") if counts == {1} else f"{_span(counts)} voxels"
        parts.append(
            f"{_count(len(clean), 'run')} entered ready for correlation ({voxels}): neither smoothed, nor "
            "filtered, nor regressed."
        )
    return " ".join(parts)


def _alike(cleaned: list[dict]) -> dict[tuple, list[dict]]:
    """Sidecars of clean BOLD by smoothing, nuisance, band and padding."""
    found: dict[tuple, list[dict]] = {}
    for bold in cleaned:
        key = (bold["FwhmMm"], tuple(bold["Nuisance"]), tuple(bold["BandPass"] or ()), bold.get("FilterPadding"))
        found.setdefault(key, []).append(bold)
    return found


def _nuisance(names) -> str:
    motion = [n for n in names if n.startswith(("trans_", "rot_"))]
    words = [WORDS.get(n, n.replace("_", " ")) for n in names if n not in motion]
    if motion:
        words.append(f"{len(motion)} motion parameters")
    return _join(words) if words else "nothing"


def _coupling(settings: dict) -> str:
    coupling = settings["coupling"]
    seeds = "; ".join(f"{name}: {_seed(site, coupling)}" for name, site in settings["sites"].items())
    return (
        "Temporal r is the Pearson correlation of a band's regressor with the mean BOLD signal of the voxels around "
        "the electrode "
        f"({seeds}); its number of independent samples allows for autocorrelation [@bartlett1935]. Lagged "
        "correlation, of power that "
        f"was not convolved, covers ±{coupling['lag_max_s']:g} s; BOLD follows at positive lags. The seed map holds "
        "the correlation "
        "of the seed's mean with every voxel, an LFP map that of a regressor with every voxel, and spatial r is the "
        "Pearson "
        "correlation of the two over the brain's voxels: scan by scan, and of the maps averaged over scans."
    )


def _seed(site: dict, coupling: dict) -> str:
    if "seed_label" in site:
        return f"atlas label {_join(site['seed_label'])}".replace("-", "−")
    if "seed_mm" in site:
        return f"{coupling['seed_radius_mm']:g} mm around ({', '.join(f'{v:g}' for v in site['seed_mm'])}) mm".replace(
            "-", "−"
        )
    return "a mask" if "seed_mask" in site else "all voxels"


def _networks(settings: dict) -> str:
    networks = settings["networks"]
    main, bands = networks["main_band"], networks["removal_bands"]
    return (
        f"The seed map was computed again after each of four removals: {main} regressed out of every voxel; "
        f"{_join(bands)} regressed out "
        "jointly by ordinary least squares; only the unique part of each of these bands, its residual on the others, "
        "taken out with its "
        f"coefficient of the joint fit [@griffanti2014]; and volumes whose {main} regressor lies above percentile "
        f"{networks['peak_percentile']:g} left out. Reported are the correlation of the seed map after with the one "
        "before, and the "
        "slope, which unlike the correlation falls when a map fades everywhere."
    )


def _variance(settings: dict) -> str:
    variance = settings["variance"]
    first, last, step = variance["cnr_range"]
    confidence = f"{100 * variance['confidence']:g} %"
    return (
        f"Values are means over scans; intervals ({confidence}) take the animal as the unit: Student's t over the "
        "animals' means of "
        "Fisher's z, and for averaged maps the jackknife that leaves out one animal at a time. The noise argument of "
        "the study [@tu2024] "
        f"asks at which contrast-to-noise ratio (CNR) a true correlation of {variance['cnr_true_r']:g} would appear "
        "as the observed "
        f"spatial r, and which true temporal r would then appear as the observed one: by simulation at CNR {first:g} "
        f"to {last:g} by "
        f"{step:g} ({variance['cnr_trials']} trials of {variance['cnr_points']} points, seed {settings['seed']}) and "
        "by the closed form "
        "r = r_true / (1 + 1/CNR²)."
    )


SOFTWARE = (
    "The workflow is written in Snakemake [@molder2021] and Python, with NumPy [@harris2020] and SciPy "
    "[@virtanen2020] for arithmetic and "
    "filters, ANTs for images [@avants2011], nibabel for their files [@nibabel] and Matplotlib for the figures "
    "[@hunter2007]. Versions "
    "stand under Provenance."
)
