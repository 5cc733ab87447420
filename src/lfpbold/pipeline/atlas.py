"""Opens the images of the atlas: targets of registration, nuisance masks, seeds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..bold.motion import same_grid
from ..errors import InputError
from ..networks.seed import seed_voxels
from ..recordings.plausible import require_plausible


def open_image(path, what: str) -> tuple[np.ndarray, np.ndarray]:
    """A 3-D image and its affine.

    Raises
    ------
    InputError
        When the file is missing, unreadable or not 3-D.
    """
    import nibabel

    if not Path(path).is_file():
        raise InputError(f"{what}: there is no file {path}; correct the path (relative to the config file)")
    try:
        image = nibabel.load(path)
        _require_image(image, Path(path), what)
        data = np.asarray(image.dataobj)
    except InputError:
        raise
    except MemoryError:
        raise InputError(f"{what}: {path} needs more memory than is available; give a smaller image") from None
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{what}: {path} cannot be read as an image ({reason}); give a NIfTI file") from None
    data = data[..., 0] if data.ndim == 4 and data.shape[3] == 1 else data
    if data.ndim != 3:
        raise InputError(f"{what}: {path} has shape {data.shape}; give a 3-D image")
    return data, image.affine


def _require_image(image, path: Path, what: str) -> None:
    """Numbers, not far more of them than the file has room for, and an affine."""
    kind = np.dtype(image.get_data_dtype())
    if kind.kind not in "iuf" or 0 in image.shape:
        raise InputError(f"{what}: {path} contains {kind} of shape {image.shape}; give an image of real numbers")
    file = Path(image.file_map["image"].filename or path) if "image" in image.file_map else path
    require_plausible(math.prod(map(int, image.shape)) * kind.itemsize, file.stat().st_size, f"{what}: {path}")
    if image.affine is None or not np.isfinite(image.affine).all():
        raise InputError(f"{what}: the header of {path} has no affine; correct it")


def open_targets(atlas: dict) -> dict:
    """`brain` and `anatomy` as (data, affine), or None where the config names none."""
    return {name: open_image(atlas[name], f"atlas.{name}") if atlas[name] else None for name in ("brain", "anatomy")}


def open_masks(atlas: dict, shape, affine) -> dict:
    """`white_matter` and `ventricles` as bool arrays on the grid of the data, or None where the config names none."""
    return {
        name: _on_grid(atlas[name], f"atlas.{name}", shape, affine) > 0 if atlas[name] else None
        for name in ("white_matter", "ventricles")
    }


def _on_grid(path, what, shape, affine) -> np.ndarray:
    image = open_image(path, what)
    if not same_grid(shape, affine, image):
        raise InputError(
            f"{what}: {path} has another grid or affine ({image[0].shape}) than the data ({tuple(shape)}); bring both"
            " onto one grid"
        )
    return image[0]


def open_labels(settings: dict, brain, affine) -> np.ndarray | None:
    """Region of each brain voxel, shape (n_brain_voxels,); None where the config names no labels image."""
    path = settings["atlas"]["labels"]
    if not path:
        return None
    return np.round(_on_grid(path, "atlas.labels", brain.shape, affine)).astype(int)[brain]


def open_regions(settings: dict, brain, affine) -> np.ndarray | None:
    """As `open_labels`; None too where `connectivity.regions` asks for no matrices."""
    return open_labels(settings, brain, affine) if settings["connectivity"]["regions"] else None


def open_seed(name: str, settings: dict, brain, affine) -> np.ndarray:
    """Seed voxels of a site among the brain's, shape (n_brain_voxels,).

    Parameters
    ----------
    name : str
        Of the site.
    settings : dict
        `sites`, `atlas` and `coupling` sections.
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    """
    site = settings["sites"][name]
    labels = mask = None
    if "seed_label" in site:
        labels = np.round(_on_grid(settings["atlas"]["labels"], "atlas.labels", brain.shape, affine)).astype(int)
    if "seed_mask" in site:
        mask = _on_grid(site["seed_mask"], f"sites.{name}.seed_mask", brain.shape, affine) > 0
    try:
        return seed_voxels(
            site, brain, affine=affine, labels=labels, mask=mask, radius_mm=settings["coupling"]["seed_radius_mm"]
        )
    except InputError as error:
        raise InputError(f"sites.{name}: {error}") from None
