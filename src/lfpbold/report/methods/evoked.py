"""The paragraph of the methods on runs with stimuli, and what the report shows of them."""

from __future__ import annotations

from ..inputs import EVOKED_FIGURES, Variant
from ..text import count, join, runs

PERMUTED = {
    "sign_flips": "sign flips of the volumes that the whitened model without the contrast leaves [@winkler2014]",
    "shifts": "circular shifts of the stimuli",
}


def paragraphs(variant: Variant) -> list[tuple[str, str]]:
    """Title and text; none where no run has events."""
    driven = [r for r in variant.recordings if r.row.get("events")]
    if not driven:
        return []
    options, bold = variant.settings["evoked"], variant.settings["bold"]
    names = {"motion": "motion", "white_matter": "white matter", "ventricles": "ventricles"}
    nuisance = [text for name, text in names.items() if bold[name]]
    nuisance += ["the global signal"] if options["global_signal"] else []
    noise = (
        "the noise of a volume depended on that of the one before, by an autocorrelation freed of the bias of the fit"
        " [@worsley2002]"
        if options["noise_model"] == "ar1"
        else "noise was taken to be white"
    )
    baseline, window = options["baseline_s"], options["window_s"]
    many = count(len(runs(driven)), "run")
    own = "form groups of their own" if len(runs(driven)) > 1 else "forms groups of its own"
    text = (
        f"{many} had stimuli, and {own} in every analysis. Realigned, smoothed BOLD in per cent of each voxel's mean"
        " was modelled by the stimuli convolved with the HRF, cosines"
        f" up to {options['high_pass_hz']:g} Hz, {join([*nuisance, 'a column for each volume left out'])}"
        f" [@friston1994] [@friston1995], with nilearn [@nilearn]; {noise}. Voxels beyond one-sided p ="
        f" {options['cluster_p']:g} formed clusters, of which those stayed that the largest one of a share of at most"
        f" {options['alpha']:g} of {options['permutations']} {PERMUTED[options['permute']]} matched. Over animals, the"
        " clusters of Student's t were set against sign flips of the animals' mean maps, all of them where animals are"
        " few [@nichols2002]. Plain subtraction compares the volumes of stimulation,"
        f" {options['delay_s']:g} s later, with those {baseline[0]:g} to {baseline[1]:g} s around onset. BOLD of the"
        f" seed and power, not convolved, were averaged {window[0]:g} to {window[1]:g} s around onset. Which of LFP"
        " and spiking predicts BOLD [@logothetis2001] was asked of animals that had no part in the fit."
    )
    return [("Evoked runs", text)]


def view(variant: Variant) -> dict:
    """What the report shows: `any`; `groups` that have figures; rows of the tables."""
    first = EVOKED_FIGURES["group"][0]
    groups = [key[1:] for key, png in variant.figures.items() if key[0] == first and png]
    return {
        "any": bool(groups),
        "groups": [{"state": state, "site": site, "who": f"{site}, {state}"} for state, site in groups],
        "kinds": EVOKED_FIGURES["group"],
        "rows": variant.tables.get("rest_evoked", []),
        "clusters": variant.tables.get("evoked_clusters", []),
        "prediction": variant.tables.get("evoked_prediction", []),
    }
