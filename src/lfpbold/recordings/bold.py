"""One door for BOLD: NIfTI or arrays, and the volumes at the start that are no data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .arrays import open_bold_array
from .lfp import guarded
from .nifti import open_nifti
from .opened import Bold, reason

BOLD_ARRAYS = (".mat", ".npy", ".npz")


def open_bold(path, settings: dict, where: str = "") -> Bold:
    """Open a BOLD series without reading its volumes.

    Parameters
    ----------
    path : path
        4-D NIfTI, with its JSON sidecar beside it where there is one; or `.mat` (volumes × voxels, or one series).
    settings : dict
        The row's `input` settings.
    where : str
        Row of the sheet, for messages.

    Returns
    -------
    bold : Bold
        Without the first `dummy_volumes` volumes of the file. Axes are those of the file: the affine says how they
        lie, and the third is the one along which slices are taken where the sidecar does not time them.

    Raises
    ------
    InputError
        When the file is missing, damaged or not 4-D, its header contradicts its content or cannot be that of a head,
        or its TR is missing or contradicts the sidecar.
    """
    path = Path(path)
    where = f"{where}: {path.name}" if where else str(path)
    if not path.exists():
        raise InputError(f"{where}: there is no file {path}; correct `bold` in the sheet (relative to the sheet)")
    if path.is_dir():
        raise InputError(f"{where}: is a folder; convert the scan to a 4-D NIfTI file and name that")
    if path.stat().st_size == 0:
        raise InputError(f"{where}: is an empty file; copy or export it again")
    try:
        bold = (open_bold_array if path.suffix.lower() in BOLD_ARRAYS else open_nifti)(path, settings, where)
    except InputError:
        raise
    except MemoryError:
        raise InputError(
            f"{where}: asks for more memory than there is; export less of it, or exclude the row"
        ) from None
    except Exception as error:
        raise InputError(
            f"{where}: cannot be read as BOLD ({reason(error)}); give a 4-D NIfTI file or exclude the row"
        ) from error
    return _without_dummies(replace(bold, read=guarded(bold.read, where)), int(settings["dummy_volumes"]), where)


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
