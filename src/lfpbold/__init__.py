"""How much of the fMRI signal the local field potential explains, in space and in time.

    import lfpbold as lb

    lfp = lb.open_lfp("rat01.nwb", trigger="scanner_trigger")
    bold = lb.open_bold("rat01_bold.nii.gz")
    clock = lb.locate_scan(lfp, bold)
    clean = lb.clean_lfp(lfp, clock)
    power = lb.band_power(clean, bands={"gamma": (40, 100)})
    regressors = lb.convolve(power, at=bold)

Every name is imported when it is first used, and is what the workflow itself calls.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# Public name: module that holds it. `__init__.pyi` says the same to editors and type checkers.
_HOMES = {
    # Recordings
    "open_lfp": "recordings",
    "open_bold": "recordings",
    # The scan in the LFP, and the LFP without the gradient artefact
    "Clock": "timing.clock",
    "locate_scan": "timing.locate",
    "clean_lfp": "pipeline.interactive",
    "remove_gradient_artefact": "artefact.gradient",
    # Power and regressors
    "band_power": "pipeline.interactive",
    "spm_hrf": "hemodynamics.hrf",
    "convolve": "pipeline.interactive",
    # BOLD
    "realign": "bold.motion",
    "framewise_displacement": "bold.motion",
    "resample": "bold.motion",
    "clean_bold": "pipeline.interactive",
    "band_pass": "bold.cleaning",
    "regress_out": "bold.cleaning",
    # Coupling in time
    "temporal_r": "coupling.correlation",
    "lagged_r": "coupling.correlation",
    "effective_n": "coupling.correlation",
    "coherence": "coupling.coherence",
    "mutual_information": "coupling.information",
    "commonality": "coupling.commonality",
    # Maps
    "seed_voxels": "networks.seed",
    "seed_map": "networks.maps",
    "lfp_map": "networks.maps",
    "spatial_r": "networks.maps",
    "remove_lfp": "networks.maps",
    # Null distributions
    "phase_randomised": "nulls.surrogates",
    "circular_shifts": "nulls.surrogates",
    "temporal_p": "nulls.tests",
    "spatial_p": "nulls.tests",
    "mediation": "nulls.mediation",
    # Statistics over animals
    "fisher_z": "stats.tests",
    "mean_r": "stats.tests",
    "sign_flip": "stats.animals",
    "jackknife": "stats.resampling",
    "noise_ceiling": "stats.noise_ceiling",
    # Errors
    "InputError": "errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
