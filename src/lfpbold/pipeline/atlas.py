"""Opens the images of the atlas: targets of registration, nuisance masks, seeds."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..bold.motion import same_grid
from ..errors import InputError
from ..networks.seed import seed_voxels
from ..recordings import Bold
from ..recordings.mask_values import as_labels, as_mask
from ..recordings.orientation import stated_affine
from ..recordings.plausible import require_plausible


def open_image(path, what: str) -> tuple[np.ndarray, np.ndarray]:
    """A 3-D image and its affine.

    Raises
    ------
    InputError
        When the file is missing, unreadable or not 3-D, or states no orientation, or two that contradict each other.
    """
    import nibabel

    if not Path(path).is_file():
        raise InputError(f"{what}: there is no file {path}; correct the path (relative to the config file)")
    try:
        image = nibabel.load(path)
        affine = _require_image(image, Path(path), what)
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
    return data, affine


def _require_image(image, path: Path, what: str) -> np.ndarray:
    """Numbers, not far more of them than the file has room for, and an affine, which is returned."""
    import nibabel

    kind = np.dtype(image.get_data_dtype())
    if kind.kind not in "iuf" or 0 in image.shape:
        raise InputError(f"{what}: {path} contains {kind} of shape {image.shape}; give an image of real numbers")
    file = Path(image.file_map["image"].filename or path) if "image" in image.file_map else path
    require_plausible(math.prod(map(int, image.shape)) * kind.itemsize, file.stat().st_size, f"{what}: {path}")
    if isinstance(image, nibabel.Nifti1Pair):
        affine = stated_affine(image, None, "", f"{what}: {path}")[0]
    elif isinstance(image, nibabel.AnalyzeImage):
        raise InputError(f"{what}: {path} is an Analyze image, which states no orientation; give a NIfTI file")
    else:
        affine = image.affine
    if affine is None or not np.isfinite(affine).all():
        raise InputError(f"{what}: the header of {path} has no affine; correct it")
    return affine


def open_mask(path, what: str) -> tuple[np.ndarray, np.ndarray, str]:
    """A mask of the atlas, (x, y, z), bool; its affine; and what had to be decided about it, empty where nothing."""
    data, affine = open_image(path, what)
    mask, note = as_mask(data, f"{what}: {path}")
    return mask, affine, note


def open_targets(atlas: dict) -> dict:
    """`brain`, a mask, and `anatomy` as (data, affine), or None where the config names none."""
    targets: dict = dict.fromkeys(("brain", "anatomy"))
    if atlas["brain"]:
        targets["brain"] = open_mask(atlas["brain"], "atlas.brain")[:2]
    if atlas["anatomy"]:
        targets["anatomy"] = open_anatomy(atlas["anatomy"])
    return targets


def open_anatomy(path) -> tuple[np.ndarray, np.ndarray]:
    """The target of registration; what is not finite in it is background."""
    data, affine = open_image(path, "atlas.anatomy")
    data = np.nan_to_num(data, nan=0, posinf=0, neginf=0)
    if np.ptp(data) == 0:
        raise InputError(f"atlas.anatomy: {path} is {data.flat[0]:g} everywhere, which is no anatomy; export it again")
    return data, affine


def open_named(name: str, path) -> tuple[np.ndarray, np.ndarray, str]:
    """An image of the section `atlas` as what its key says: data, affine, and what had to be decided about it."""
    if name == "anatomy":
        return *open_anatomy(path), ""
    if name == "labels":
        data, affine = open_image(path, "atlas.labels")
        return as_labels(data, f"atlas.labels: {path}"), affine, ""
    return open_mask(path, f"atlas.{name}")


def notes(settings: dict) -> list[str]:
    """What is decided about the masks of the atlas and of the sites, where they can be opened."""
    masks = {f"atlas.{name}": settings["atlas"][name] for name in ("brain", "white_matter", "ventricles")}
    masks |= {f"sites.{name}.seed_mask": site["seed_mask"] for name, site in settings["sites"].items()
              if "seed_mask" in site}  # fmt: skip
    decided = []
    for what, path in masks.items():
        if path:
            with contextlib.suppress(InputError):
                decided.append(open_mask(path, what)[2])
    return [note for note in decided if note]


def open_masks(atlas: dict, shape, affine) -> dict:
    """`white_matter` and `ventricles` as bool arrays on the grid of the data, or None where the config names none."""
    return {
        name: _mask_on_grid(atlas[name], f"atlas.{name}", shape, affine) if atlas[name] else None
        for name in ("white_matter", "ventricles")
    }


def _mask_on_grid(path, what, shape, affine) -> np.ndarray:
    return as_mask(_on_grid(path, what, shape, affine), f"{what}: {path}")[0]


def _labels_on_grid(path, shape, affine) -> np.ndarray:
    return as_labels(_on_grid(path, "atlas.labels", shape, affine), f"atlas.labels: {path}")


def _on_grid(path, what, shape, affine) -> np.ndarray:
    image = open_image(path, what)
    if not same_grid(shape, affine, image):
        raise InputError(
            f"{what}: {path} has another grid or affine ({image[0].shape}) than the data ({tuple(shape)}); bring both"
            " onto one grid"
        )
    return image[0]


def in_atlas_space(bold: Bold, target, stage: str) -> Bold:
    """A series in atlas space whose origin is unknown, because the user states its orientation, at its atlas's.

    Only where grid, edges and directions are the atlas's own; a raw series lies where registration finds it.
    """
    if bold.placed or target is None or stage == "raw" or tuple(bold.shape) != target[0].shape[:3]:
        return bold
    agrees = np.allclose(bold.affine[:3, :3], target[1][:3, :3], atol=1e-2)
    return replace(bold, affine=target[1], placed=True) if agrees else bold


def open_labels(settings: dict, brain, affine) -> np.ndarray | None:
    """Region of each brain voxel, shape (n_brain_voxels,); None where the config names no labels image."""
    path = settings["atlas"]["labels"]
    return _labels_on_grid(path, brain.shape, affine)[brain] if path else None


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
        labels = _labels_on_grid(settings["atlas"]["labels"], brain.shape, affine)
    if "seed_mask" in site:
        mask = _mask_on_grid(site["seed_mask"], f"sites.{name}.seed_mask", brain.shape, affine)
    try:
        return seed_voxels(
            site, brain, affine=affine, labels=labels, mask=mask, radius_mm=settings["coupling"]["seed_radius_mm"]
        )
    except InputError as error:
        raise InputError(f"sites.{name}: {error}") from None
