"""Raw LFP to LFP without gradient artefact, on the scan's time."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from ...artefact import regression as science
from ...recordings import Bold, Lfp, OneChannel, check_range
from ...spectral import filters
from . import clock as clocks
from . import passes, quality, streaming
from .multiunit import Multiunit
from .stated import volumes_needed

__all__ = ["artefact", "volumes_needed"]


def artefact(lfp: Lfp, bold: Bold, row: dict, settings: dict, log=print, threads: int = 1):
    """Cut the recording to the scan, and where it is raw take the gradient artefact out of it.

    Parameters
    ----------
    lfp : Lfp
        Opened recording; it is read in blocks, twice where it is raw.
    bold : Bold
        Opened series: volumes, TR and slice times.
    row : dict
        Row of the sheet.
    settings : dict
        `artefact` section of the config.
    log : callable
    threads : int
        Channels that are worked on at once; the results do not depend on it.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples, n_channels)
        On disk, in a file that goes with it; in µV, from the onset of the first volume to the end of the last one
        that the recording covers.
    fs_hz : float
    info : dict
        For the sidecar: clock, notches, steps.
    multiunit : ndarray, shape (n_frames, 2)
        Time (s after the first sample) and power of multi-unit activity (µV²), mean of the channels; no frames where
        the recording or the settings have none.
    qc : dict
        For figures and the report: `artefact` and `spectrogram`.
    """
    where, stage = row["where"], row["input"]["lfp_stage"]
    timing = clocks.fitted(lfp, bold, row, settings)
    clock, of_bold, bold = timing.clock, bold.n_volumes, replace(bold, n_volumes=timing.n_volumes)
    log(
        f"clock: scan starts at {clock.start_s:.6f} s, TR {clock.period_s:.9f} s on the LFP clock ({clock.ppm:+.3f}"
        " ppm)"
    )
    multiunit = Multiunit(settings["multiunit_hz"] if stage == "raw" else None, lfp.fs_hz, clock, bold.n_volumes)
    begin, end = quality.scan_span(lfp.fs_hz, clock, bold.n_volumes)
    resampler = streaming.resampler(lfp, settings, stage)
    fs_hz, n = resampler.rate, resampler.length(max(min(end, lfp.n_samples) - begin, 0))
    cleaned = streaming.on_disk((len(lfp.channels), n))
    streams = streaming.channels(lfp, timing, settings, stage, multiunit, cleaned)
    noted, notches, knots = list(timing.notes), np.zeros(0), 0
    qc: dict = {"artefact": {}, "spectrogram": {}}
    with ThreadPoolExecutor(threads) as pool:
        if stage == "raw":
            said, knots = _remove(lfp, timing, settings, where, streams, pool)
        else:
            said = _cut(lfp, where, streams, pool)
        for position, stream in enumerate(streams):
            stream.finish(multiunit)
            log(f"channel {stream.name}: {position + 1} of {len(streams)}")
        if stage == "raw":
            pictures = pool.submit(quality.pictures, streams[0], lfp.fs_hz, timing, settings)
            notches = _band_limited(cleaned, fs_hz, timing, bold, settings, pool)
            qc = pictures.result()
            quality.add_cleaned(qc, cleaned[0], fs_hz, timing)
            said[0] += quality.risks(qc["artefact"], settings)
    noted += [f"channel {stream.name}: {text}" for stream, texts in zip(streams, said, strict=True) for text in texts]
    for text in noted:
        log(f"warning: {text}")
    info = _record(stage, timing, of_bold, bold, lfp, settings, notches, knots)
    info |= {"Multiunit": multiunit.described(), "Warnings": noted}
    return cleaned.T, fs_hz, info, multiunit.series(), qc


def _cut(lfp, where, streams, pool) -> list[list[str]]:
    """A recording without artefact: only cut to the scan."""
    for positions in passes.in_groups(len(streams)):
        seen = [passes.Seen() for _ in positions]

        def work(i, samples, first, block, positions=positions, seen=seen):
            seen[i].add(samples)
            check_range(seen[i].lowest, seen[i].highest, streams[positions[i]].name, where)
            streams[positions[i]].add(first, samples, samples, samples)

        passes.each_block(lfp, positions, passes.plain_blocks(lfp, len(positions)), 0, work, pool)
    return [[] for _ in streams]


def _remove(lfp, timing, settings, where, streams, pool) -> tuple[list[list[str]], int]:
    """The artefact taken out of all channels: what was said about each, and the template's knots."""
    onsets, said = timing.onsets(lfp.fs_hz), []
    plain = science.in_blocks(settings["average"], 0, settings["components"])
    there = settings["template"] != "none"
    # Aliasing is looked for meanwhile; it does not depend on the offset, beyond rounding.
    first = OneChannel(lfp, 0, float(lfp.read(0, 0, min(lfp.n_samples, round(lfp.fs_hz))).mean(dtype=float)))
    finding = pool.submit(clocks.knots_between, first, onsets, settings)
    for positions in passes.in_groups(len(streams)):
        plan = science.planned(lfp.n_samples, onsets, settings["template"]) if there and plain else None
        seen, removals = passes.look(lfp, positions, where, plan, pool)
        offsets = [np.float32(s.total / lfp.n_samples) for s in seen]
        knots = finding.result()
        if plan and not knots:
            said += _in_blocks(lfp, plan, settings, positions, offsets, seen, removals, streams, pool)
        else:
            del removals
            for position, offset in zip(positions, offsets, strict=True):
                before = OneChannel(lfp, position, offset)[:]
                after, for_spikes, texts = _without_gradient(before, onsets, lfp.fs_hz, settings, knots)
                streams[position].add(0, before, after, for_spikes)
                said.append(texts)
    return [texts + stream.doubts.said() for texts, stream in zip(said, streams, strict=True)], knots


def _in_blocks(lfp, plan, settings, positions, offsets, seen, removals, streams, pool) -> list[list[str]]:
    """Second pass over some channels."""
    fits = _fits(settings)
    empty = list(pool.map(lambda k: removals[k].finish(float(offsets[k]) - seen[k].rough), range(len(positions))))

    def work(i, samples, first, block):
        part = passes.valid(samples, first, lfp.n_samples)
        part -= offsets[i]
        before = passes.own(samples, first, block)
        after = dict.fromkeys(fits, before)
        if block[3]:
            after = removals[i].clean(samples, first, block[2:], fits, settings["align"])
        streams[positions[i]].add(block[0], before, after[fits[0]], after[fits[-1]])

    passes.each_block(lfp, positions, plan.blocks(len(positions)), plan.margin, work, pool)
    return [[science.none_stands_out(n, len(plan.groups))] if n else [] for n in empty]


def _fits(settings) -> tuple[str, ...]:
    """How the artefact is fitted under the LFP, and under spikes: whatever serves the LFP, there it is fitted to
    differences, or it would follow the LFP's power."""
    return tuple(dict.fromkeys((settings["fit"], *(["differences"] if settings["multiunit_hz"] else []))))


def _without_gradient(samples, onsets, fs_hz, settings, knots) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The channel after removal, the same for multi-unit activity, and what the removal warned of."""
    if settings["template"] == "none":
        return samples, samples, []
    fits = _fits(settings)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cleaned = science.remove_gradient_by(
            samples,
            onsets,
            fits,
            template=settings["template"],
            align=settings["align"],
            average=settings["average"],
            window=settings["window_volumes"],
            knots=knots,
            components=settings["components"],
            components_above=settings["components_above_hz"] / fs_hz,
        )
    said = [str(warning.message) for warning in caught]
    return cleaned[fits[0]], cleaned[fits[-1]], said


def _band_limited(cleaned, fs_hz, timing, bold, settings, pool) -> np.ndarray:
    """Notches and band-pass of each channel, in place; returns the notches."""
    slices = len(timing.slice_times_s)
    rate = slices / bold.tr_s if settings["notch_slice_rate"] and slices > 1 else None
    notches = filters.notch_frequencies(settings["notch_hz"], rate, min(settings["band_pass_hz"][1], 0.49 * fs_hz))
    options = {
        "band_pass_hz": settings["band_pass_hz"],
        "filter_order": settings["filter_order"],
        "notches_hz": notches,
        "notch_width_hz": settings["notch_width_hz"],
    }

    def work(samples):
        filters.band_limit(samples, fs_hz, out=samples, **options)
        streaming.forget(samples)

    list(pool.map(work, cleaned))
    return notches


def _record(stage, timing, of_bold, bold, lfp, settings, notches, knots) -> dict:
    clock, slice_times = timing.clock, timing.slice_times_s
    assumed = (
        "assumed: evenly spaced along the third axis" if len(slice_times) > 1 else "none: one acquisition a volume"
    )
    return {
        "Stage": stage,
        "RawSamplingFrequency": lfp.fs_hz,
        "ScanStart": clock.start_s,
        "FirstSample": quality.first_sample(clock, lfp.fs_hz) / lfp.fs_hz - clock.start_s,
        "ClockFrom": timing.source,
        "SliceTiming": "from the sidecar" if bold.slice_times_s is not None else assumed,
        "VolumePeriod": clock.period_s,
        "ClockPpm": clock.ppm,
        "RepetitionTime": bold.tr_s,
        "NumberOfVolumes": bold.n_volumes,
        "NumberOfVolumesInBold": of_bold,
        "DummyVolumes": bold.dummy_volumes,
        "SliceAcquisitionsPerVolume": len(slice_times),
        "Notches": notches,
        "NotchWidth": settings["notch_width_hz"],
        "Template": settings["template"] if stage == "raw" else "none",
        "TemplateKnotsPerSample": knots,
        **timing.record,
    }
