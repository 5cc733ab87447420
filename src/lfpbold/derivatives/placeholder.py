"""What stands in place of an output of an excluded recording: a file that opens everywhere and holds no number.

Snakemake needs every output, and BIDS and the programs that read it take an empty file for a damaged one. The sidecar
says why there is nothing (`Excluded`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import files

NOTHING = {"n/a": ("Nothing: the recording was excluded", "")}
IMAGES = (".nii", ".nii.gz")
SERIES = (".vhdr", ".eeg", ".vmrk")
REQUIRED = {"bold": {"SkullStripped": False}, "mask": {"Type": "Brain"}}  # by BIDS, of derivatives


def write(path, columns: dict | None, info: dict) -> None:
    """Write a placeholder and its sidecar.

    Parameters
    ----------
    path : path
        Its suffix says what is written: an image of one voxel, which is NaN (of a mask 0); a table without rows; a
        BrainVision recording of one sample of one channel, which is NaN.
    columns : dict, optional
        Of a table whose columns are known.
    info : dict
        Content of the sidecar.
    """
    path = Path(path)
    if path.name.endswith(IMAGES):
        kind = path.name.split(".")[0].rpartition("_")[2]
        values = np.full((1,) * (4 if kind == "bold" else 3), 0.0 if kind == "mask" else np.nan)
        files.write_image(path, values, np.eye(4), info=info | REQUIRED.get(kind, {}))
    elif path.suffix == ".tsv":
        files.write_table(path, [], columns or NOTHING, info=info)
    elif path.suffix in SERIES:
        header = path.with_suffix(".vhdr")
        if not header.exists():  # all three together
            files.write_series(header, np.full((1, 1), np.nan), 1.0, ["n/a"], info=info)
    else:
        files.write_json(path, info)
