"""Quality of one recording: its LFP before and after artefact removal, and its motion."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from .style import GREY, INK, message_figure, new_figure, styled

BEFORE, AFTER = "#999999", "#0072B2"
AT_RISK_DB = 3.0
AXES_COLOURS = ("#D55E00", "#009E73", "#0072B2")


@styled
def artefact(qc: dict, info: dict, title: str) -> Figure:
    """Trace and spectrum of one channel before and after template removal; the notches come later.

    Parameters
    ----------
    qc : dict
        Content of `desc-artefact_qc.json`; without a trace, the recording entered free of artefact.
    info : dict
        Sidecar of the cleaned LFP: slice acquisitions per volume, TR and notches.
    title : str
        Name of the recording.
    """
    if qc.get("Excluded"):
        return message_figure(title, exclusion_text(qc))
    if not len(qc.get("TraceBefore") or ()):
        return message_figure(title, "No gradient artefact was removed: the LFP entered free of it.")
    figure = new_figure(9.5, 4.4)
    layout = figure.add_gridspec(2, 2, width_ratios=[1.25, 1])
    top, bottom = figure.add_subplot(layout[0, 0]), figure.add_subplot(layout[1, 0])
    has_lines = bool(qc.get("Lines", {}).get("LineHz"))
    spectrum = figure.add_subplot(layout[0 if has_lines else slice(None), 1])
    seconds = qc["TraceStart"] + np.arange(len(qc["TraceBefore"])) / qc["SamplingFrequency"]
    for axes, key, colour, name in ((top, "TraceBefore", BEFORE, "before"), (bottom, "TraceAfter", AFTER, "after")):
        axes.plot(seconds, qc[key], color=colour, linewidth=0.5, rasterized=True)
        axes.set_xlim(seconds[0], seconds[-1])
        axes.set_ylabel(f"{name} (µV)")
    top.tick_params(labelbottom=False)
    top.set_title(f"Channel {qc['Channel']}: trace (two scales)", loc="left")
    bottom.set_xlabel("time in the recording (s)")
    frequencies = np.asarray(qc["Frequencies"], dtype=float)
    for harmonic in slice_harmonics(info, frequencies[-1]):
        spectrum.axvline(harmonic, color="#E69F00", linewidth=0.6, alpha=0.5, zorder=0)
    spectrum.loglog(frequencies, qc["DensityBefore"], color=BEFORE, linewidth=1.2, label="before")
    spectrum.loglog(frequencies, qc["DensityAfter"], color=AFTER, linewidth=1.2, label="after")
    spectrum.plot([], [], color="#E69F00", alpha=0.7, linewidth=1, label="multiples of the slice rate")
    spectrum.set(xlabel="frequency (Hz)", ylabel="power density (µV²/Hz)", xlim=(frequencies[0], frequencies[-1]))
    spectrum.yaxis.set_minor_locator(LogLocator(subs=()))
    spectrum.yaxis.set_minor_formatter(NullFormatter())
    spectrum.set_title("Spectrum, before notches", loc="left")
    spectrum.legend(loc="lower left")
    if has_lines:
        spectrum.set_xlabel("")
        _lines(figure.add_subplot(layout[1, 1], sharex=spectrum), qc["Lines"])
    figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=9.5)
    return figure


def _lines(axes, lines: dict) -> None:
    """Power at the multiples of 1/TR relative to their neighbours: residual artefact, or LFP removed with it."""
    axes.axhspan(-AT_RISK_DB, AT_RISK_DB, color="#eeeeee", zorder=0)
    for key, colour, size in (("LineBeforeDb", BEFORE, 2), ("LineAfterDb", AFTER, 3)):
        axes.scatter(lines["LineHz"], lines[key], s=size, color=colour, linewidths=0, rasterized=True)
    axes.set_xscale("log")
    axes.set(xlabel="frequency (Hz)", ylabel="dB relative to\nneighbours")
    axes.set_title("Power at multiples of 1/TR; grey band: ± 3 dB", loc="left")


def exclusion_text(info: dict) -> str:
    """Where and why a recording was excluded, from its sidecar."""
    return "Excluded at {Step}: {Reason}".format(**info["Excluded"])


def slice_harmonics(info: dict, top_hz: float) -> np.ndarray:
    """Multiples of the slice rate up to 300 Hz, where the LFP that is analysed lies."""
    if not info.get("SliceAcquisitionsPerVolume") or not info.get("RepetitionTime"):
        return np.zeros(0)
    rate = info["SliceAcquisitionsPerVolume"] / info["RepetitionTime"]
    return np.arange(1, int(min(300, top_hz) / rate) + 1) * rate


@styled
def motion(confounds: list[dict], info: dict, title: str) -> Figure:
    """Framewise displacement, the censored volumes, and the six parameters of one run.

    Parameters
    ----------
    confounds : list of dict
        Rows of `desc-confounds_timeseries.tsv`.
    info : dict
        Its sidecar: `FdThreshold`, and `Excluded` where the scan is dropped.
    title : str
        Name of the run.
    """
    displacement = np.array([row["framewise_displacement"] for row in confounds], dtype=float)
    if not np.isfinite(displacement).any():
        return message_figure(
            title, exclusion_text(info) if info.get("Excluded") else "Motion was not estimated in this run."
        )
    volumes = np.arange(len(confounds))
    figure = new_figure(9.5, 4.6)
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=[1.4, 1, 1])
    top.plot(volumes, displacement, color=INK, linewidth=0.8)
    top.set_ylabel("framewise\ndisplacement (mm)")
    top.set_ylim(0, None)
    if info.get("FdThreshold"):
        top.axhline(info["FdThreshold"], color="#D55E00", linewidth=1, linestyle="--")
        top.text(
            1,
            info["FdThreshold"],
            f" {info['FdThreshold']:g} mm",
            color="#D55E00",
            va="center",
            fontsize=8,
            transform=top.get_yaxis_transform(),
        )
        top.set_ylim(0, max(1.15 * info["FdThreshold"], 1.05 * np.nanmax(displacement)))
    dropped = [v for v, row in enumerate(confounds) if not row["keep"]]
    for first, last in _runs(dropped):
        for axes in (top, middle, bottom):
            axes.axvspan(first - 0.5, last + 0.5, color="#E69F00", alpha=0.3, linewidth=0, zorder=0)
    for axes, names, scale, label in (
        (middle, ("trans_x", "trans_y", "trans_z"), 1, "translation\n(mm)"),
        (bottom, ("rot_x", "rot_y", "rot_z"), 180 / np.pi, "rotation\n(degrees)"),
    ):
        for name, colour in zip(names, AXES_COLOURS, strict=True):
            axes.plot(
                volumes, scale * np.array([row[name] for row in confounds]), color=colour, linewidth=0.9, label=name[-1]
            )
        axes.set_ylabel(label)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    bottom.set(xlabel="volume", xlim=(-0.5, len(confounds) - 0.5))
    top.set_title(title, loc="left")
    top.set_title(
        _what_became(len(confounds), len(dropped), info), loc="right", color=GREY, weight="normal", fontsize=8.5
    )
    figure.align_ylabels()
    return figure


def _what_became(total, dropped, info) -> str:
    if info.get("Excluded"):
        return f"the whole scan is excluded: 0 of {total} volumes kept"
    return f"{dropped} of {total} volumes censored (shaded)" if dropped else f"all {total} volumes kept"


def _runs(indices) -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return [(a, b) for a, b in runs]
