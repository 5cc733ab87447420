"""What was done to band power and to BOLD before they met."""

from __future__ import annotations

from collections import Counter

from ...spectral.power import MULTIUNIT_STEP_S, MULTIUNIT_WINDOW_S
from ..text import count, join, span

WORDS = {
    "constant": "a constant",
    "trend": "a linear trend",
    "white_matter": "the mean signal of white matter",
    "ventricles": "the mean signal of the ventricles",
    "global_signal": "the mean signal of the brain (global signal)",
}
INTERPOLATION = {"linear": "trilinear", "bSpline": "B-spline"}


def power_and_hrf(settings: dict, ran) -> str:
    """Band power, and the regressors made of it."""
    power, hrf = settings["power"], settings["hrf"]
    text = ""
    if any(r.lfp["Stage"] != "power" for r in ran):
        bands = join(f"{name} {low:g}–{high:g} Hz" for name, (low, high) in settings["bands"].items())
        text = (
            f"Power was the one-sided spectral density in windows of {power['window_s']:g} s ({power['taper']}) "
            f"every {power['step_s']:g} s, summed over the band's bins, bins touched by a notch left out (µV²): "
            f"{bands} (lower edge included, upper not)"
        )
        text += (
            f" and over 1-Hz bins from {power['one_hz'][0]:g} to {power['one_hz'][1]:g} Hz. "
            if power["one_hz"]
            else ". "
        )
        slow = slow_bands(settings)
        if slow and power["infraslow_window_s"] != power["window_s"]:
            text += (
                f"The windows of {join(slow)} were {power['infraslow_window_s']:g} s long, its power interpolated to "
                "the stamps of the others. "
            )
        text += {
            "mean_power": "The power of the channels of a site was averaged. ",
            "mean_signal": "The channels of a site were averaged before. ",
        }[power["channels"]]
        text += _multiunit(power, [r.lfp["Multiunit"] for r in ran if r.lfp.get("Multiunit")])
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


def slow_bands(settings: dict) -> list[str]:
    """Bands that end at 1 Hz or below, whose windows are longer."""
    return [name for name, (_, high) in settings["bands"].items() if high <= 1]


def _multiunit(power: dict, found: list[dict]) -> str:
    """How the power of multi-unit activity was taken, in the recordings whose rate allowed it."""
    if not found:
        return ""
    low, high = span([f["BandHz"][0] for f in found]), span([f["BandHz"][1] for f in found])
    return (
        "As a measure of spiking near the electrode [@logothetis2001], multi-unit power was taken from the raw rate "
        f"of {count(len(found), 'recording')} after artefact removal: the density at {low} to {high} Hz in Hann "
        f"windows of {MULTIUNIT_WINDOW_S:g} s every {MULTIUNIT_STEP_S:g} s, mean of the channels, then averaged with "
        f"the squared taper of the windows of {power['window_s']:g} s, so that it varies as slowly as the power of "
        "the bands. What artefact removal left there is the excess of its power over that of the recording outside "
        "the scan. "
    )


def _after_onset(seconds: float) -> str:
    return f"{seconds:g} s after the onset" if seconds else "at the onset"


def motion(settings: dict, ran) -> str:
    """Realignment, volumes left out, registration."""
    if not ran:
        return "No BOLD run reached this step."
    options, parts = settings["motion"], []
    stages = Counter(r.motion["Stage"] for r in ran)
    corrected = [r for r in ran if r.motion.get("MotionReference")]
    if corrected:
        reference = join(sorted({r.motion["MotionReference"] for r in corrected}))
        parts.append(
            f"Every volume of {count(len(corrected), 'run')} was rigidly aligned to the {reference} volume with "
            f"ANTs [@avants2011]; framewise displacement was computed with a radius of {options['radius_mm']:g} mm "
            "[@power2012]."
        )
        parts += [_scrubbing(state, rule, corrected) for state, rule in _states(settings, corrected)]
    if stages["raw"] and not options["correct"]:
        parts.append("Motion was not corrected.")
    entered = stages["realigned"] + stages["clean"]
    if entered:
        parts.append(f"{count(entered, 'run')} entered motion-corrected; no motion was estimated there.")
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
    adjoining = f" and {count(neighbours, 'neighbour')} on either side" if neighbours else ""
    dropped = sum(r.motion.get("Dropped", 0) for r in mine if not r.motion.get("Excluded"))
    limit = rule.get("max_dropped_fraction", 1.0)
    return (
        f"In the state “{state}”, volumes whose displacement exceeded {threshold}{adjoining} were left out before "
        f"anything was fitted ({count(dropped, 'volume')} in {count(len(mine) - whole, 'run')}), and a scan was "
        f"dropped when more than {100 * limit:g} % would go ({whole} of {len(mine)})."
    )


def _registration(ran, options) -> list[str]:
    kinds = Counter(r.motion.get("Registration", "") for r in ran)
    parts = []
    for kind, number in kinds.items():
        if kind == "none: already in atlas space":
            parts.append(
                f"Registration was skipped in {count(number, 'run')} whose images were on the atlas's grid already."
            )
        elif kind and not kind.startswith("none"):
            name = {"rigid": "rigid", "affine": "affine", "syn": "symmetric diffeomorphic (SyN)"}.get(kind, kind)
            parts.append(
                f"{count(number, 'run')} {'was' if number == 1 else 'were'} registered to the anatomy of the atlas "
                f"by a {name} transformation with ANTs [@avants2011]; motion correction and registration were "
                f"applied in one {INTERPOLATION.get(options['interpolation'], options['interpolation'])} "
                "interpolation."
            )
    return parts


def bold(settings: dict, ran) -> str:
    """Smoothing, nuisance, filter."""
    if not ran:
        return "No BOLD run reached this step."
    clean = [r for r in ran if r.bold["Stage"] == "clean"]
    cleaned = [r.bold for r in ran if r.bold["Stage"] != "clean"]
    parts, options = [], settings["bold"]
    for (fwhm, nuisance, filtering, band, padding), same in _alike(cleaned).items():
        text = f"{count(len(same), 'run')} {'was' if len(same) == 1 else 'were'} "
        if fwhm:
            text += f"smoothed with a Gaussian of {fwhm:g} mm full width at half maximum and "
        text += f"regressed voxel by voxel on {_nuisance(nuisance)}"
        if filtering == "projector":
            inside = f"the discrete cosine functions of {band[0]:g}–{band[1]:g} Hz" if band else "all but the mean"
            text += (
                f", in one least-squares projection with {inside}, which leaves"
                f" {span({b['DegreesOfFreedom'] for b in same})} degrees of freedom; the LFP regressors went through"
                " the same projection [@lindquist2019]"
            )
        elif band:
            text += (
                f", then band-pass filtered at {band[0]:g}–{band[1]:g} Hz (Butterworth of order "
                f"{options['filter_order']}, zero phase, {padding} padding)"
            )
        parts.append(text + f". {span([b['BrainVoxels'] for b in same])} voxels lay in the brain.")
    if clean:
        counts = {r.bold["BrainVoxels"] for r in clean}
        voxels = count(1, "voxel") if counts == {1} else f"{span(counts)} voxels"
        parts.append(
            f"{count(len(clean), 'run')} entered ready for correlation ({voxels}): neither smoothed, nor filtered, "
            "nor regressed."
        )
    return " ".join(parts)


def _alike(cleaned: list[dict]) -> dict[tuple, list[dict]]:
    """Sidecars of clean BOLD by smoothing, nuisance, filter, band and padding."""
    found: dict[tuple, list[dict]] = {}
    for bold in cleaned:
        band, padding = tuple(bold["BandPass"] or ()), bold.get("FilterPadding")
        key = (bold["FwhmMm"], tuple(bold["Nuisance"]), bold.get("Filtering"), band, padding)
        found.setdefault(key, []).append(bold)
    return found


def _nuisance(names) -> str:
    motion = [n for n in names if n.startswith(("trans_", "rot_"))]
    words = [WORDS.get(n, n.replace("_", " ")) for n in names if n not in motion]
    if motion:
        words.append(f"{len(motion)} motion parameters")
    return join(words) if words else "nothing"
