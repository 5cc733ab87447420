"""What was done to the recordings of LFP: clock, gradient artefact, notches."""

from __future__ import annotations

from collections import Counter

from ..text import count, join, span


def lfp(settings: dict, ran) -> str:
    """From the recordings to the LFP that was analysed, by the stage at which they entered."""
    stages = Counter(r.lfp["Stage"] for r in ran)
    if not stages:
        return "No LFP recording reached this step."
    parts, options = [], settings["artefact"]
    raw = [r.lfp for r in ran if r.lfp["Stage"] == "raw"]
    if raw:
        parts.append(_artefact(raw, options))
    if stages["lfp"]:
        parts.append(
            f"{count(stages['lfp'], 'recording')} entered as LFP free of gradient artefact: cut to the scan and "
            f"resampled to {options['fs_hz']:g} Hz, nothing else."
        )
    if stages["power"]:
        parts.append(
            f"{count(stages['power'], 'recording')} entered as band power or envelope and "
            f"{'was' if stages['power'] == 1 else 'were'} only cut to the scan."
        )
    parts += _timing([r.lfp for r in ran])
    return " ".join(parts)


def _timing(lfps: list[dict]) -> list[str]:
    """Where the start of the scan came from, and whether slice timing was known."""
    parts = []
    sources = Counter(lfp["ClockFrom"] for lfp in lfps if lfp.get("ClockFrom"))
    words = {
        "triggers": "triggers",
        "scan_start_s": "the sheet (scan_start_s)",
        "artefact": "the gradient artefact itself, which gave onset and period,",
    }
    if sources:
        told = join(f"{words.get(source, f'the {source}')} in {count(n, 'recording')}" for source, n in sources.items())
        parts.append(f"The start of the scan was taken from {told}.")
    assumed = sum(
        str(lfp.get("SliceTiming", "")).startswith("assumed") for lfp in lfps if lfp.get("Template", "none") != "none"
    )
    if assumed:
        parts.append(
            f"Slice timing was not in the sidecar of {count(assumed, 'recording')} and was assumed: slices evenly "
            "spaced along the third axis."
        )
    return parts


def _artefact(raw: list[dict], options: dict) -> str:
    fs = join(f"{rate:.10g}" for rate in sorted({r["RawSamplingFrequency"] for r in raw}))
    text = f"The LFP of {count(len(raw), 'recording')}, sampled at {fs} Hz, was raw. "
    templates = {r["Template"] for r in raw}
    if templates == {"none"}:
        text += "No gradient artefact was removed. "
    else:
        slices = span({r["SliceAcquisitionsPerVolume"] for r in raw})
        kind = "one template per slice" if "per_slice" in templates else "one template for all slices"
        how = {
            "artefact": "fitted to the triggers or the start of the scan and then to the period of the artefact itself",
            "triggers": "fitted to the triggers or the start of the scan",
            "nominal": "taken at its nominal period",
        }[options["clock"]]
        text += (
            f"The clock of the scanner was {how}; its volume period differed from the nominal repetition time by "
            f"{span([r['ClockPpm'] for r in raw], '{:+.2f}')} ppm. The gradient artefact was removed by template "
            f"regression [@tu2022]: the signal was cut into the slice acquisitions ({slices} per volume), averaged "
            f"to {kind}"
            + (", the template shifted to each acquisition in fractions of a sample," if options["align"] else ",")
            + " and regressed out of it. "
            + _options_of_template(raw, options)
        )
    notches = sorted({n for r in raw for n in r["Notches"]})
    low, high = options["band_pass_hz"]
    text += f"Each channel was resampled to {options['fs_hz']:g} Hz"
    if notches:
        text += (
            f", notched at {_notched(raw, notches, options)} (−3 dB width {span({r['NotchWidth'] for r in raw})} Hz)"
        )
    return (
        text + f" and band-pass filtered at {low:g}–{high:g} Hz (Butterworth of order {options['filter_order']}, zero "
        "phase)."
    )


def _options_of_template(raw: list[dict], options: dict) -> str:
    """What differs from the mean of all volumes at whole samples; empty for the reference settings."""
    said = []
    if options["average"] == "sliding":
        said.append(f"each volume's template is the mean of the nearest {options['window_volumes']} volumes")
    if options["average"] == "leave_one_out":
        said.append("each volume's template is the mean of all other volumes")
    knots = sorted({r["TemplateKnotsPerSample"] for r in raw if r.get("TemplateKnotsPerSample")})
    if knots:
        said.append(
            f"where the artefact was aliased the template is a least-squares spline of {join(map(str, knots))} knots a"
            " sample, fitted at each volume's own fraction of a sample"
        )
    if options["jitter"] == "volumes":
        said.append("the onset of each volume follows its artefact")
    if options["components"]:
        said.append(
            f"{count(options['components'], 'principal component')} of the residue above"
            f" {options['components_above_hz']:g} Hz were taken out [@niazy2005]"
        )
    return f"Here {'; '.join(said)}. " if said else ""


def _notched(raw: list[dict], notches, options: dict) -> str:
    """`mains 60 Hz and slice rate 20 Hz with their multiples up to 300 Hz`; the frequencies where that is not so."""
    rates = {
        round(r["SliceAcquisitionsPerVolume"] / r["RepetitionTime"], 4)
        for r in raw
        if options["notch_slice_rate"] and r["SliceAcquisitionsPerVolume"] > 1
    }
    bases = [*options["notch_hz"], *rates]
    if not bases or any(min(abs(n - base * round(n / base)) for base in bases) > 0.01 for n in notches):
        return _list_hz(notches)
    names = [
        f"{name} {join(f'{v:.6g}' for v in sorted(values))} Hz"
        for name, values in (("mains", options["notch_hz"]), ("slice rate", rates))
        if values
    ]
    return f"{join(names)} with {'their' if len(bases) > 1 else 'its'} multiples up to {notches[-1]:.6g} Hz"


def _list_hz(values) -> str:
    shown = [f"{v:.6g}" for v in values]
    return (
        f"{join(shown)} Hz"
        if len(shown) <= 8
        else f"{len(shown)} frequencies ({', '.join(shown[:6])} … {shown[-1]} Hz)"
    )
