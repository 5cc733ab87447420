"""Reads and writes lfpbold's own files: BrainVision series, NIfTI maps, TSV tables, each with a JSON sidecar."""

from __future__ import annotations

import errno
import json
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import printable

# What a spreadsheet takes for the start of a formula, or of a cell that goes on over the next lines.
FORMULA = ("=", "+", "-", "@", '"')

SERIES_BLOCK = 2**16  # samples of all channels that are written at once

# Columns whose cells are names, whatever they look like.
LABELS = (
    *("sub", "ses", "run", "state", "site", "band", "removal", "measure", "unit", "reason", "step"),
    *("contrast", "trial_type"),
)


@dataclass(frozen=True)
class Series:
    """Samples over time: `data` (samples × channels, float32), `fs_hz`, `names`, and the sidecar's content."""

    data: np.ndarray
    fs_hz: float
    names: list
    info: dict


def sidecar_path(path) -> Path:
    """The JSON file that belongs to an output: its name with the suffix exchanged."""
    path = Path(path)
    for suffix in (".nii.gz", ".tsv.gz"):
        if path.name.endswith(suffix):
            return path.with_name(path.name.removesuffix(suffix) + ".json")
    return path.with_suffix(".json")


def write_json(path, content: dict) -> None:
    """Write JSON that is valid everywhere: NaN and infinity become null, NumPy values become numbers."""
    Path(path).write_text(json.dumps(_plain(content), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path) -> dict:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def exclusion(path) -> dict | None:
    """Why a recording was excluded (`Step`, `Reason`, `Kind`), from an output's sidecar; None where it was not."""
    try:
        return read_json(sidecar_path(path)).get("Excluded")
    except (OSError, ValueError, AttributeError):
        return None


def _plain(value):
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def to_disk(path) -> None:
    """Return when a file, or the names in a folder, would outlive a power cut.

    Raises
    ------
    OSError
        When the disk refuses what was written, which some file systems say only now.
    """
    if os.name == "nt" and Path(path).is_dir():
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that cannot be asked
            raise
    finally:
        os.close(number)


def write_series(path, data, fs_hz: float, names, *, unit: str = "µV", info: dict | None = None) -> None:
    """Write samples × channels as BrainVision (header `.vhdr`, markers, float32 samples), with a sidecar.

    BrainVision is what BIDS allows, MNE, EEGLAB and FieldTrip open, and a memory map reads.
    """
    import pybv

    path, n_channels = Path(path), np.shape(data)[1]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Encountered unsupported non-voltage units")
        pybv.write_brainvision(  # header and markers, which do not tell the number of samples
            data=np.zeros((n_channels, 1)),
            sfreq=fs_hz,
            ch_names=list(names),
            fname_base=path.stem,
            folder_out=str(path.parent),
            overwrite=True,
            resolution=1,
            unit=unit if unit == "µV" else ["n/a"] * n_channels,
            fmt="binary_float32",
        )
    with path.with_suffix(".eeg").open("wb") as file:
        for begin in range(0, len(data), SERIES_BLOCK):
            file.write(np.ascontiguousarray(data[begin : begin + SERIES_BLOCK], dtype="<f4").data)
    write_json(
        sidecar_path(path),
        {
            "SamplingFrequency": fs_hz,
            "Channels": list(names),
            "Units": unit,
            "NumberOfSamples": len(data),
            **(info or {}),
        },
    )


def read_series(path) -> Series:
    """Read what `write_series` wrote; the samples are a memory map."""
    path = Path(path)
    info = read_json(sidecar_path(path))
    shape = (info["NumberOfSamples"], len(info["Channels"]))
    data = np.memmap(path.with_suffix(".eeg"), dtype="<f4", mode="r", shape=shape)
    return Series(data, info["SamplingFrequency"], info["Channels"], info)


def write_image(path, data, affine, *, tr_s: float | None = None, info: dict | None = None) -> None:
    """Write a map (x, y, z), or volumes (n, x, y, z) with their TR, as float32 NIfTI with a sidecar."""
    import nibabel

    data = np.asarray(data, dtype=np.float32)
    image = nibabel.Nifti1Image(np.moveaxis(data, 0, 3) if data.ndim == 4 else data, affine)
    image.header.set_xyzt_units("mm", "sec")
    if tr_s is not None:
        image.header.set_zooms((*image.header.get_zooms()[:3], tr_s))
    nibabel.save(image, path)
    write_json(sidecar_path(path), info or {})


def read_image(path) -> tuple[np.ndarray, np.ndarray]:
    """A map, shape (x, y, z), or volumes, shape (n, x, y, z), as float32; and the affine."""
    import nibabel

    image = nibabel.load(path)
    data = np.asarray(image.dataobj, dtype=np.float32)
    return (np.moveaxis(data, 3, 0) if data.ndim == 4 else data), image.affine


def write_table(path, rows, columns: dict, *, info: dict | None = None) -> None:
    """Write rows as TSV with a sidecar that describes each column.

    Parameters
    ----------
    path : path
    rows : list of dict
        One per observation; missing and not-finite values are written as `n/a`. Text that a spreadsheet would run as a
        formula gets an apostrophe before it.
    columns : dict of name to (description, unit)
        In the order of the file.
    info : dict, optional
        Further content of the sidecar.
    """
    lines = ["\t".join(columns)]
    lines += ["\t".join(_cell(row.get(name)) for name in columns) for row in rows]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    described = {
        name: {"Description": text, **({"Units": unit} if unit else {})} for name, (text, unit) in columns.items()
    }
    write_json(sidecar_path(path), {**(info or {}), **described})


def _cell(value) -> str:
    if value is None or value == "":
        return "n/a"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return f"{value:.9g}" if math.isfinite(value) else "n/a"
    text = printable(" ".join(str(value).split())) or "n/a"
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_table(path) -> list[dict]:
    """Rows of a TSV: numbers as float, `n/a` as NaN where the column is otherwise numeric, labels as text."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    names = lines[0].split("\t")
    cells = [line.split("\t") for line in lines[1:]]
    columns = [_column(name, [row[i] for row in cells]) for i, name in enumerate(names)]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _column(name, values):
    """Labels such as `01` stay text, whatever they look like."""
    if name in LABELS:
        return ["" if v == "n/a" else v for v in values]
    try:
        return [math.nan if v == "n/a" else float(v) for v in values]
    except ValueError:
        return ["" if v == "n/a" else v for v in values]


def read_matrix(path) -> tuple[np.ndarray, list[str]]:
    """A wholly numeric TSV: rows × columns, and the column names."""
    with Path(path).open(encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split("\t")
        rows = [[math.nan if cell == "n/a" else float(cell) for cell in line.rstrip("\n").split("\t")] for line in file]
    return np.array(rows, dtype=float).reshape(-1, len(names)), names


def write_matrix(path, values, columns: dict, *, info: dict | None = None) -> None:
    """Write rows × columns of numbers as TSV, with a sidecar that describes the columns as `write_table` does."""
    rows = [dict(zip(columns, row, strict=True)) for row in np.asarray(values).tolist()]
    write_table(path, rows, columns, info=info)


def matrix_rows(regions, z) -> np.ndarray:
    """Rows of a region × region table, to five decimals: the region, then z; shape (n_regions, 1 + n_regions)."""
    return np.column_stack([np.asarray(regions, dtype=float), np.round(z, 5)])


def write_voxels(path, values, brain, affine, *, tr_s=None, info: dict | None = None, fill: float = np.nan) -> None:
    """Write values of the brain's voxels, shape (n_voxels,) or (n, n_voxels), as an image; elsewhere `fill`."""
    values = np.asarray(values, dtype=np.float32)
    image = np.full((*values.shape[:-1], *brain.shape), fill, dtype=np.float32)
    image[..., brain] = values
    write_image(path, image, affine, tr_s=tr_s, info=info)


def read_voxels(path, brain_path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Volumes × brain voxels as float64, the brain mask, and the affine."""
    image, affine = read_image(path)
    brain = read_image(brain_path)[0] > 0
    return image[:, brain].astype(float), brain, affine
