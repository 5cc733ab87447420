"""What the templates of the methods need besides the settings: numbers and flags of the stages that ran."""

from __future__ import annotations

from collections import Counter

from ...spectral.power import MULTIUNIT_STEP_S, MULTIUNIT_WINDOW_S
from ..inputs import Recording, Variant, runs


def slow_bands(settings: dict) -> list[str]:
    """Bands that end at 1 Hz or below, whose windows are longer."""
    return [name for name, (_, high) in settings["bands"].items() if high <= 1]


def data(variant: Variant) -> dict:
    """What was recorded, and what of it was analysed."""
    rows = [r.row for r in variant.recordings]
    per_run = runs(variant.recordings)
    analysed = {_of_recording(row) for row in variant.tables["temporal"]}
    # A run that could not be read is excluded too, but has no stage: it did not move.
    moved = {_of_run(r.row) for r in per_run if r.motion.get("Excluded") and r.motion.get("Stage")}
    lost = {_of_recording(row) for row in rows} - analysed
    return {
        "recordings": len(rows),
        "animals": len({row["sub"] for row in rows}),
        "runs": len({_of_run(row) for row in rows}),
        "analysed": len(analysed),
        "volumes": [r.motion["NumberOfVolumes"] for r in per_run if r.motion.get("NumberOfVolumes")],
        "repetition_times_s": [r.motion["RepetitionTime"] for r in per_run if r.motion.get("RepetitionTime")],
        "runs_moved": len(moved),
        "volumes_dropped": sum(r.motion.get("Dropped", 0) for r in per_run if not r.motion.get("Excluded")),
        "lost_otherwise": sum(recording[:4] not in moved for recording in lost),
    }


def _of_run(row: dict) -> tuple:
    return row["sub"], row["ses"], row["run"], row["state"]


def _of_recording(row: dict) -> tuple:
    return *_of_run(row), row["site"]


def lfp(settings: dict, sidecars: list[dict]) -> dict:
    """Clean LFP by the stage at which it entered, and where its clock came from."""
    stages = Counter(sidecar["Stage"] for sidecar in sidecars)
    templated = [sidecar for sidecar in sidecars if sidecar.get("Template", "none") != "none"]
    return {
        "any": bool(sidecars),
        "raw": _raw([sidecar for sidecar in sidecars if sidecar["Stage"] == "raw"], settings["artefact"]),
        "entered_clean": stages["lfp"],
        "entered_as_power": stages["power"],
        "clock_sources": Counter(sidecar["ClockFrom"] for sidecar in sidecars if sidecar.get("ClockFrom")),
        "slice_timing_assumed": sum(str(s.get("SliceTiming", "")).startswith("assumed") for s in templated),
    }


def _raw(sidecars: list[dict], options: dict) -> dict:
    """What artefact removal and notches did to raw recordings."""
    templates = {sidecar["Template"] for sidecar in sidecars}
    notches = sorted({hz for sidecar in sidecars for hz in sidecar["Notches"]})
    bases = _notch_bases(sidecars, notches, options)
    return {
        "n": len(sidecars),
        "rates_hz": [f"{rate:.10g}" for rate in sorted({s["RawSamplingFrequency"] for s in sidecars})],
        "template": "per_slice" if "per_slice" in templates else "" if templates == {"none"} else "all_slices",
        "clock_ppm": [sidecar["ClockPpm"] for sidecar in sidecars],
        "slices": {sidecar["SliceAcquisitionsPerVolume"] for sidecar in sidecars},
        "knots": sorted({s["TemplateKnotsPerSample"] for s in sidecars if s.get("TemplateKnotsPerSample")}),
        "images": max((s.get("TemplateImages", 0) for s in sidecars), default=0),
        "notches": notches,
        "notch_widths_hz": {sidecar["NotchWidth"] for sidecar in sidecars},
        "notch_bases_hz": bases,
        "notch_bases": sum(map(len, bases.values())),
    }


def _notch_bases(sidecars: list[dict], notches: list[float], options: dict) -> dict[str, list[float]]:
    """Frequencies by name of which all notches are multiples; empty where some are not."""
    rates = {
        round(s["SliceAcquisitionsPerVolume"] / s["RepetitionTime"], 4)
        for s in sidecars
        if options["notch_slice_rate"] and s["SliceAcquisitionsPerVolume"] > 1
    }
    mains = options["notch_hz"]
    if mains == "auto":
        mains = {hz for sidecar in sidecars for hz in sidecar.get("MainsSeen", ())}
    named = {"mains": sorted(mains), "slice rate": sorted(rates)}
    bases = [base for values in named.values() for base in values]
    if any(min((abs(hz - base * round(hz / base)) for base in bases), default=hz) > 0.01 for hz in notches):
        return {}
    return {name: values for name, values in named.items() if values}


def power(sidecars: list[dict]) -> dict:
    """Whether band power was computed, and from which recordings that of multi-unit activity."""
    multiunit = [sidecar["Multiunit"] for sidecar in sidecars if sidecar.get("Multiunit")]
    return {
        "computed": any(sidecar["Stage"] != "power" for sidecar in sidecars),
        "multiunit": len(multiunit),
        "multiunit_low_hz": [described["BandHz"][0] for described in multiunit],
        "multiunit_high_hz": [described["BandHz"][1] for described in multiunit],
        "multiunit_window_s": MULTIUNIT_WINDOW_S,
        "multiunit_step_s": MULTIUNIT_STEP_S,
    }


def motion(settings: dict, of_runs: list[Recording]) -> dict:
    """Realignment, censoring per state, and registrations."""
    stages = Counter(r.motion["Stage"] for r in of_runs)
    realigned = [r for r in of_runs if r.motion.get("MotionReference")]
    kinds = Counter(r.motion.get("Registration", "") for r in of_runs)
    return {
        "any": bool(of_runs),
        "realigned": len(realigned),
        "references": sorted({r.motion["MotionReference"] for r in realigned}),
        "states": [
            _censoring(settings, state, realigned) for state in dict.fromkeys(r.row["state"] for r in realigned)
        ],
        "uncorrected": bool(stages["raw"]) and not settings["motion"]["correct"],
        "entered_corrected": stages["realigned"] + stages["clean"],
        "registrations": {
            kind: n
            for kind, n in kinds.items()
            if kind == "none: already in atlas space" or (kind and not kind.startswith("none"))
        },
    }


def _censoring(settings: dict, state: str, realigned: list[Recording]) -> dict:
    """The motion rule of one state, and how many volumes and runs it took."""
    rule = settings["states"].get(state, settings["states"].get("default")) or {"on_motion": "keep"}
    in_state = [r.motion for r in realigned if r.row["state"] == state]
    kept = [sidecar for sidecar in in_state if not sidecar.get("Excluded")]
    return {"neighbours": 0, "max_dropped_fraction": 1.0, **rule} | {
        "name": state,
        "runs": len(in_state),
        "runs_dropped": len(in_state) - len(kept),
        "volumes_dropped": sum(sidecar.get("Dropped", 0) for sidecar in kept),
    }


def bold(sidecars: list[dict]) -> dict:
    """Clean BOLD, runs of the same smoothing, nuisance, filter, band and padding together."""
    clean = [sidecar for sidecar in sidecars if sidecar["Stage"] == "clean"]
    alike: dict[tuple, list[dict]] = {}
    for sidecar in sidecars:
        if sidecar["Stage"] != "clean":
            band, padding = tuple(sidecar["BandPass"] or ()), sidecar.get("FilterPadding")
            key = (sidecar["FwhmMm"], tuple(sidecar["Nuisance"]), sidecar.get("Filtering"), band, padding)
            alike.setdefault(key, []).append(sidecar)
    return {
        "any": bool(sidecars),
        "entered_clean": len(clean),
        "clean_voxels": sorted({sidecar["BrainVoxels"] for sidecar in clean}),
        "cleaned": [
            {
                "runs": len(same),
                "fwhm_mm": fwhm_mm,
                "nuisance": _nuisance(nuisance),
                "filtering": filtering,
                "band_pass_hz": band,
                "padding": padding,
                "degrees_of_freedom": {sidecar.get("DegreesOfFreedom") for sidecar in same},
                "voxels": sorted({sidecar["BrainVoxels"] for sidecar in same}),
            }
            for (fwhm_mm, nuisance, filtering, band, padding), same in alike.items()
        ],
    }


def _nuisance(names) -> list[str]:
    """Nuisance regressors, those of motion as one number."""
    of_motion = [name for name in names if name.startswith(("trans_", "rot_"))]
    others = [name for name in names if name not in of_motion]
    return others + ([f"{len(of_motion)} motion parameters"] if of_motion else [])


def coupling(settings: dict, sidecars: list[dict]) -> dict:
    """What the nuisance regression, which the LFP regressors did not undergo, does to r."""
    regressed = [s for s in sidecars if set(s.get("Nuisance") or ()) - {"constant", "trend"}]
    volumes = [len(sidecar["VolumesKept"]) for sidecar in regressed if sidecar.get("VolumesKept")]
    return {
        "not_regressed": settings["hrf"]["band_pass"] in (None, "none") and bool(volumes),
        "volumes": volumes,
        "nuisance_regressors": {len(sidecar["Nuisance"]) for sidecar in regressed},
    }


def evoked(variant: Variant) -> dict:
    """Runs with stimuli, and the nuisance of their model."""
    bold_options, names = variant.settings["bold"], ("motion", "white_matter", "ventricles")
    nuisance = [name.replace("_", " ") for name in names if bold_options[name]]
    nuisance += ["the global signal"] if variant.settings["evoked"]["global_signal"] else []
    return {"runs": len(runs(r for r in variant.recordings if r.row.get("events"))), "nuisance": nuisance}
