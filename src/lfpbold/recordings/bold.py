"""One door for BOLD: NIfTI or arrays, and the volumes at the start that are no data."""

from __future__ import annotations

import operator
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .absent import absence, require_content
from .arrays import open_bold_array
from .lfp import guarded
from .nifti import open_nifti
from .opened import Bold, error_reason, is_mistake_in_code
from .options import BoldOptions

BOLD_ARRAYS = (".mat", ".npy", ".npz")


def open_bold(
    path,
    *,
    stage: str = "raw",
    tr_s: float | None = None,
    dummy_volumes: int = 0,
    variable: str | None = None,
    scale: float = 1.0,
    time_axis: str = "rows",
    voxel_scale: float = 1.0,
    orientation: str | None = None,
) -> Bold:
    """Open a BOLD series without reading its volumes.

    Parameters
    ----------
    path : path
        4-D NIfTI, with its JSON sidecar beside it where there is one; or `.mat`, `.npy`, `.npz` (volumes × voxels, or
        one series).
    stage : {"raw", "realigned", "clean"}
        What it holds: raw volumes, volumes in atlas space, volumes ready for correlation. Slice times are of use for
        raw volumes alone.
    tr_s : float, optional
        Repetition time, s, where neither the sidecar nor the header holds it; goes before both.
    dummy_volumes : int
        Volumes at the start that are no data yet.
    variable : str, optional
        Variable of a .mat or .npz file.
    scale : float
        Factor for the samples.
    time_axis : {"rows", "columns"}
        Of arrays: volumes × voxels, or voxels × volumes.
    voxel_scale : float
        Factor to the header's lengths.
    orientation : str, optional
        Where the stored axes point to, such as `RAS`, where the header does not state it; `qform` or `sform` where the
        two in the header contradict each other.

    Returns
    -------
    bold : Bold
        Without the first `dummy_volumes` volumes of the file. Axes are those of the file: the affine says how they
        lie, and the third is the one along which slices are taken where the sidecar does not time them.

    Raises
    ------
    InputError
        When the file is missing, damaged or not 4-D, its header contradicts its content, states no orientation or
        cannot be that of a head, its TR is missing or contradicts the sidecar, or its slice times cannot be.
    TypeError
        For an option that does not exist.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> folder = tempfile.TemporaryDirectory()
    >>> np.save(f"{folder.name}/rat01.npy", np.random.default_rng(0).normal(size=(300, 20)))
    >>> bold = open_bold(f"{folder.name}/rat01.npy", tr_s=2.0, dummy_volumes=4, stage="clean")
    >>> bold.tr_s, bold.n_volumes, bold.shape, bold.slice_times_s
    (2.0, 296, (20, 1, 1), None)
    >>> bold.read(0, 10).shape
    (10, 20, 1, 1)
    >>> folder.cleanup()
    """
    options = BoldOptions(stage, tr_s, operator.index(dummy_volumes), variable, scale, time_axis, voxel_scale)
    options = replace(options, orientation=orientation)
    return _open(Path(path), options, "")


def open_configured_bold(path, settings: dict, where: str = "") -> Bold:
    """`open_bold` as a row of the sheet says.

    Parameters
    ----------
    path : path
    settings : dict
        The row's `input` settings.
    where : str
        Row of the sheet, with which messages begin.
    """
    return _open(Path(path), BoldOptions.from_settings(settings), where)


def _open(path: Path, options: BoldOptions, row: str) -> Bold:
    where = f"{row}: {path.name}" if row else str(path)
    if not path.exists():
        remedy = "correct `bold` in the sheet (relative to the sheet)" if row else "correct the path"
        raise InputError(f"{where}: {absence(path, remedy)}")
    if path.is_dir():
        raise InputError(f"{where}: is a folder; convert the scan to a 4-D NIfTI file and name that")
    if path.stat().st_size == 0:
        raise InputError(f"{where}: is an empty file; copy or export it again")
    try:
        require_content(path, where)
        bold = (open_bold_array if path.suffix.lower() in BOLD_ARRAYS else open_nifti)(path, options, where)
    except InputError:
        raise
    except MemoryError:
        raise InputError(
            f"{where}: asks for more memory than there is; export less of it, or exclude the row"
        ) from None
    except Exception as error:
        if is_mistake_in_code(error):
            raise
        raise InputError(
            f"{where}: cannot be read as BOLD ({error_reason(error)}); give a 4-D NIfTI file or exclude the row"
        ) from error
    read = guarded(bold.read, where)
    bold = replace(bold, read=lambda start, stop: read(operator.index(start), operator.index(stop)))
    return _without_dummies(bold, int(options.dummy_volumes), where)


def _without_dummies(bold: Bold, n: int, where: str) -> Bold:
    if n == 0:
        return bold
    if bold.n_volumes - n < 2:
        raise InputError(
            f"{where}: has {bold.n_volumes} volumes, of which dummy_volumes ({n}) leaves fewer than two; correct it"
        )
    return replace(
        bold,
        n_volumes=bold.n_volumes - n,
        dummy_volumes=n,
        read=lambda start, stop: bold.read(start + n, stop + n),
    )
