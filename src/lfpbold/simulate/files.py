"""Writing a recording as a laboratory would: NIfTI, NWB and BIDS sidecars, the same bytes every time."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from .presets import Parameters
from .recording import Recording
from .sequence import tissue

EPOCH = datetime(2024, 1, 1, 12, 0, 0, tzinfo=UTC)
"""Fixed date of the recordings, so that the same seed gives the same bytes."""


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def write_table(path: Path, header: list | tuple, rows: list) -> None:
    """Write a tab-separated table."""
    lines = ["\t".join(header), *("\t".join(str(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_bold(
    path: Path, data: np.ndarray, affine: np.ndarray, times_s: np.ndarray, p: Parameters, task: str = "rest"
) -> None:
    """Write int16 volumes (nx, ny, nz, n_volumes) and the sidecar of one run."""
    import nibabel as nib

    image = nib.Nifti1Image(data, affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header.set_zooms((*image.header.get_zooms()[:3], p.tr_s))
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    nib.save(image, path)
    sidecar = {
        "TaskName": task, "RepetitionTime": p.tr_s, "EchoTime": p.echo_time_s,
        "FlipAngle": round(float(np.rad2deg(tissue(p)[2])), 3),
        "SliceTiming": [round(float(t), 9) for t in times_s], "SliceEncodingDirection": "k",
        "MagneticFieldStrength": p.field_tesla, "Manufacturer": "Bruker",
        "PulseSequenceType": "Gradient Echo EPI", "TaskDescription": described(task),
    }  # fmt: skip
    write_json(path.with_name(path.name.replace(".nii.gz", ".json")), sidecar)


def described(task: str) -> str:
    """What happens in a task, for sidecars."""
    return "Rest; simulated." if task == "rest" else "Blocks of stimulation; simulated."


def write_lfp(path: Path, recording: Recording, triggers_s: np.ndarray | None, about: dict, progress) -> None:
    """Write one electrode's raw LFP as NWB with its sidecar and channel table.

    Parameters
    ----------
    path : Path
    recording : Recording
    triggers_s : ndarray or None
        Volume onsets on the LFP clock in s; None leaves the triggers out.
    about : dict
        ``subject``, ``site``, ``location``, ``session`` (a whole number that shifts the date), ``state`` and
        ``task``.
    progress : callable
        Receives a line of text now and then while a long recording is written.
    """
    import h5py
    import pynwb

    start = EPOCH + timedelta(hours=about["session"])
    kind = "resting state" if about["task"] == "rest" else "stimulation"
    nwb = pynwb.NWBFile(
        session_description=f"Simulated {kind}, {about['state']}", identifier=path.stem,
        session_start_time=start, file_create_date=start, institution="none: simulated",
    )  # fmt: skip
    nwb.subject = pynwb.file.Subject(subject_id=about["subject"], species="Rattus norvegicus", age="P90D", sex="M")
    device = nwb.create_device(name="electrode_array", description="Simulated linear electrode")
    group = nwb.create_electrode_group(
        name=about["site"],
        description=f"Electrode in {about['location']}",
        location=about["location"],
        device=device,
    )
    names = [f"{about['site']}_{c + 1:02d}" for c in range(len(recording.offset_uv))]
    nwb.add_electrode_column("channel_name", "Name of the channel")
    for name in names:
        nwb.add_electrode(location=about["location"], group=group, channel_name=name)
    everything = nwb.create_electrode_table_region(list(range(len(names))), "All contacts")
    placeholder = np.zeros((1, len(names)), recording.dtype)
    nwb.add_acquisition(pynwb.ecephys.ElectricalSeries(
        name="lfp", data=placeholder, electrodes=everything, starting_time=0.0, rate=recording.fs_hz,
        conversion=recording.volts_per_unit, description="Raw broadband local field potential",
    ))  # fmt: skip
    if triggers_s is not None:
        nwb.add_acquisition(pynwb.TimeSeries(
            name="scanner_trigger", data=np.ones(len(triggers_s), np.uint8), timestamps=triggers_s,
            unit="n/a", description="Onset of each fMRI volume, in seconds on the clock of the LFP",
        ))  # fmt: skip
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(nwb)
    with h5py.File(path, "r+") as file:
        _stream(file, recording, progress)
        _fix_identifiers(file, path.name)
    duration = recording.n_samples / recording.fs_hz
    _sidecars(path, recording, names, duration, about["task"])


def _stream(file, recording: Recording, progress) -> None:
    """Replace the placeholder by the samples, block by block: a long recording needs little memory."""
    series = file["acquisition/lfp"]
    attributes = dict(series["data"].attrs)
    del series["data"]
    data = series.create_dataset("data", (recording.n_samples, len(recording.offset_uv)), recording.dtype)
    for key, value in attributes.items():
        data.attrs[key] = value
    for first, block in recording.blocks():
        data[first : first + len(block)] = block
        if (first // len(block) + 1) % 100 == 0:
            progress(f"  LFP: {first / recording.fs_hz:.0f} of {recording.n_samples / recording.fs_hz:.0f} s")


def _fix_identifiers(file, name: str) -> None:
    """NWB gives every object a random identifier; derive it from the object's place in the file instead."""

    def fix(path, item):
        if "object_id" in item.attrs:
            item.attrs.modify("object_id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"lfpbold/{name}/{path}")))

    fix("", file)
    file.visititems(fix)


def _plain(number: float) -> int | float:
    """A whole number without its point."""
    return int(number) if float(number).is_integer() else float(number)


def _sidecars(path: Path, recording: Recording, names: list, duration: float, task: str) -> None:
    stem = path.name.removesuffix("_ieeg.nwb")
    write_json(path.with_suffix(".json"), {
        "TaskName": task, "SamplingFrequency": recording.fs_hz, "PowerLineFrequency": _plain(recording.line.line_hz),
        "SoftwareFilters": "n/a", "iEEGReference": "bone screw above the cerebellum",
        "RecordingType": "continuous", "RecordingDuration": round(duration, 6),
        "SEEGChannelCount": len(names), "Manufacturer": "n/a", "TaskDescription": described(task),
    })  # fmt: skip
    rows = [[n, "SEEG", "V", "n/a", f"{recording.fs_hz / 2:.6g}", f"{recording.fs_hz:.10g}"] for n in names]
    header = ["name", "type", "units", "low_cutoff", "high_cutoff", "sampling_frequency"]
    write_table(path.with_name(f"{stem}_channels.tsv"), header, rows)
