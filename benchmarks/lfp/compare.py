"""The LFP stage beside what the machine and other programs do: `python compare.py study` (a simulated study)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from scipy import signal
from stage import opened, used

from lfpbold.artefact.regression import remove_gradient
from lfpbold.spectral.filters import resample
from lfpbold.spectral.power import band_power, one_hz_bands

HERE = Path(__file__).parent
ONE_THREAD = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # of BLAS
BANDS = {"delta": (1, 4), "theta": (4, 7), "alpha": (7, 13), "beta": (13, 30), "gamma": (40, 100)}
JUDGED_HZ = ((4, 30), (70, 300), (300, 3000))  # beside 60 Hz, which removal of gradients leaves alone


def cpu(call) -> float:
    """Processor seconds of a call."""
    before = used()
    call()
    return used() - before


def read_whole(path: Path) -> None:
    """The file from the page cache into memory."""
    np.fromfile(path, np.uint8)


def read_blocks(path: Path) -> None:
    """The same into one small block of memory, again and again."""
    block = memoryview(bytearray(2**22))
    with path.open("rb", buffering=0) as file:
        while file.readinto(block):
            pass


def the_stage(recording: Path, bold: Path, repeats: int) -> dict:
    """Cost of the stage and of reading its file, by turns."""
    read_blocks(recording)  # into the page cache
    found: dict = {"whole": [], "blocks": [], "ours": []}
    for _ in range(repeats):
        found["whole"].append(cpu(lambda: read_whole(recording)))
        found["blocks"].append(cpu(lambda: read_blocks(recording)))
        command = [sys.executable, HERE / "stage.py", recording, bold, "2"]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=ONE_THREAD)
        found["ours"].append(json.loads(ran.stdout))
    ours = found["ours"]
    two = median(one["cpu_s"] for one in ours) / 2
    for name, what in (("whole", "reading the file into memory"), ("blocks", "reading it into one block of 4 MB")):
        theirs = median(found[name])
        row("raw LFP → 1 kHz, two threads", what, two, theirs, f"takes {two / theirs:.1f} ×", "≤ 12 ×")
    wall = median(one["wall_s"] for one in ours)
    row("the same", "wall seconds of this run", wall, float("nan"), "", "")
    row("the same", "peak memory", float("nan"), float("nan"), f"{max(o['peak_mb'] for o in ours):.0f} MB", "≤ 1000 MB")
    return ours[-1]


def the_peers(recording: Path, bold: Path, study: Path, ran: dict, args) -> None:
    """Removal of the gradient artefact from some of the recording by each program, and what differs from the truth."""
    lfp, *_ = opened(recording, bold)
    period, start = ran["period_s"] * lfp.fs_hz, ran["start_s"] * lfp.fs_hz
    n = int(args.seconds / ran["period_s"])
    onsets = start + period * np.arange(n)
    raw = lfp.read(0, 0, int(onsets[-1] + 2 * period))
    true = np.load(next((study / "truth").glob("*_lfp.npy")), mmap_mode="r")[: int(n * ran["period_s"] * 1000), 0]
    given = {"fs_hz": lfp.fs_hz, "raw": raw, "onsets": onsets, "period": period, "n_slices": ran["slices"]}
    slices = onsets[:, None] + np.arange(ran["slices"]) / ran["slices"] * period
    peers = {name: python for name, python in (("mne", args.mne), ("facetpy", args.facetpy)) if python}
    spent: dict = {name: [] for name in ("ours", *peers)}
    cleaned = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "recording.npz"
        np.savez(source, **given)
        for _ in range(args.repeats):
            before = used()
            cleaned["ours"] = remove_gradient(raw, slices)
            spent["ours"].append(used() - before)
            for name, python in peers.items():
                out = Path(folder) / f"{name}.npy"
                told = subprocess.run([python, HERE / "peer.py", name, source, out], check=True, capture_output=True,
                                      text=True)  # fmt: skip
                spent[name].append(float(told.stdout.split()[-2]))
                cleaned[name] = np.load(out)
    left = {name: residue(x, true, lfp.fs_hz, start) for name, x in cleaned.items()}
    bands = ", ".join(f"{low}–{high} Hz" for low, high in JUDGED_HZ)
    whole = ran["cpu_s"] * len(raw) / (lfp.n_samples * len(lfp.channels))  # all of the stage, for as many samples
    for name in peers:
        theirs, ours = median(spent[name]), median(spent["ours"])
        what = f"leaves {left[name]} µV in {bands}; we {left['ours']}"
        row("removal, one channel", name, ours, theirs, f"{theirs / ours:.0f} × faster; {what}", "≥ 5 ×, less residue")
        row(
            "the whole stage, per channel",
            f"{name}'s removal",
            whole,
            theirs,
            f"{theirs / whole:.0f} × faster",
            "≥ 5 ×",
        )


def residue(x, true, fs_hz: float, start: float) -> str:
    """Root mean square of what differs from the clean LFP, µV; above 300 Hz, where none is known, of all there is."""
    begin = round(start)
    slow, rate = resample(x[begin:], fs_hz, 1000.0)
    n = min(len(slow), len(true))
    found = []
    for low, high in JUDGED_HZ:
        series, fs = (slow[:n] - true[:n], rate) if high <= 300 else (x[begin : begin + round(n / rate * fs_hz)], fs_hz)
        sections = signal.butter(4, (low, high), "bandpass", fs=fs, output="sos")
        found.append(f"{np.std(signal.sosfiltfilt(sections, series)[round(fs) : -round(fs)]):.1f}")
    return "/".join(found)


def the_power(seconds: float, n_channels: int, repeats: int) -> None:
    """Band and 1-Hz power beside `scipy.signal.spectrogram` and a mean."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((int(seconds * 1000), n_channels))
    lfp = 50 * signal.lfilter([1], [1, -0.99], white, axis=0) + white
    bands = BANDS | one_hz_bands(0, 100)

    def ours():
        return band_power(lfp, 1000.0, bands)[1]

    def scipy_s():
        frequencies, _, density = signal.spectrogram(
            lfp,
            1000.0,
            window=signal.windows.hamming(1000),
            nperseg=1000,
            noverlap=900,
            nfft=1024,
            detrend=False,
            axis=0,
        )
        mean = density.mean(axis=1)
        inside = [(frequencies >= low) & (frequencies < high) for low, high in bands.values()]
        return np.array([mean[k].sum(axis=0) * frequencies[1] for k in inside]).T

    spent: dict = {ours: [], scipy_s: []}
    for _ in range(repeats):
        for call, seconds_of in spent.items():
            seconds_of.append(cpu(call))
    a, b = (median(spent[call]) for call in (ours, scipy_s))
    difference = np.abs(ours() / scipy_s() - 1).max()
    what = f"{b / a:.1f} × faster; largest relative difference {difference:.1e}"
    row("band and 1-Hz power, 1 kHz", "scipy.signal.spectrogram", a, b, what, "≥ 3 ×, ≤ 1e-6")


def row(stage, peer, ours, theirs, found, target) -> None:
    cells = [stage, peer, *(f"{s:.2f}" if np.isfinite(s) else "" for s in (ours, theirs)), found, target]
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--mne", help="Python of an environment with MNE 1.13 or later")
    parser.add_argument("--facetpy", help="Python of an environment with FACETpy")
    parser.add_argument("--seconds", type=float, default=100.0)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    recording, bold = (next(args.study.rglob(name)) for name in ("*_ieeg.nwb", "*_bold.nii.gz"))
    print("| stage | compared with | ours, CPU s | theirs, CPU s | found | target |")
    print("|" + "---|" * 6)
    ran = the_stage(recording, bold, args.repeats)
    the_peers(recording, bold, args.study, ran, args)
    the_power(ran["shape"][0] / 1000, ran["shape"][1], args.repeats)


if __name__ == "__main__":
    main()
