"""Reading a laboratory's atlas from a folder, and writing the atlas of a dataset."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from .atlas import Atlas, contrast
from .latent import nearest_correlation

# tried in this order; the first pattern that a file name matches decides
_PATTERNS = {
    "brain": (r"brain.*mask", r"mask.*brain", r"^brain\b"),
    "white": (r"^wm_mask", r"white", r"(?<![a-z])wm(?!_csf)(?![a-z])"),
    "ventricles": (r"csf.*small", r"^csf", r"ventric", r"(?<![a-z])csf(?![a-z])"),
    "anatomy": (r"anatomy", r"template", r"t2w?(?![a-z0-9])"),
    "labels": (r"label", r"roi", r"parcel", r"atlas", r"region"),
    "matrix": (r"fisherz", r"fc.*z", r"connect", r"(?<![a-z])fc(?![a-z])", r"corr"),
}


def load(folder: Path, rng: np.random.Generator) -> Atlas:
    """Atlas of a folder with a labels image and, optionally, masks, anatomy, names and a connectivity matrix.

    Files are found by name: ``*label*``, ``*ROI*``, ``*parcel*`` or ``*atlas*`` (3-D, integers; if some
    are negative, the sign is the side), ``*brain*mask*``, ``WM*`` or ``*white*``, ``CSF*`` or ``*ventric*``,
    ``*anatomy*`` or ``*template*``, ``*FisherZ*``, ``*FC*`` or ``*connect*`` (regions x regions, Fisher z or
    r; rows are the labels in rising order, then their negatives, or the mirror image), and a ``.csv`` or
    ``.tsv`` with an index and a name column.

    Parameters
    ----------
    folder : Path
    rng : numpy Generator
        Draws the texture of the anatomy, or the covariance where the folder has none.

    Returns
    -------
    Atlas

    Raises
    ------
    ValueError
        If there is no labels image, or a file does not fit to it.
    """
    import nibabel as nib

    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"atlas folder {folder} does not exist")
    images = {f.name: nib.load(f) for f in sorted(folder.iterdir()) if f.name.endswith((".nii", ".nii.gz"))}
    volumes = {name: im for name, im in images.items() if im.ndim == 3}
    label_file = next((n for n in _matches("labels", volumes) if _is_labels(volumes[n])), None)
    if label_file is None:
        raise ValueError(f"atlas folder {folder} holds no 3-D labels image (*label*, *ROI*, *parcel* or *atlas*.nii)")
    labels = np.rint(_data(volumes[label_file])).astype(np.int16)
    affine = np.asarray(volumes[label_file].affine, float)

    def mask(kind):
        found = [n for n in _matches(kind, volumes) if volumes[n].shape == labels.shape]
        return _data(volumes[found[0]]) > 0 if found else None

    brain, white, ventricles = mask("brain"), mask("white"), mask("ventricles")
    brain = (labels != 0) if brain is None else brain
    white = None if white is None else white & brain
    ventricles = None if ventricles is None else ventricles & brain
    magnitude = np.unique(np.abs(labels[labels != 0]))
    index = np.concatenate([magnitude, -magnitude]) if (labels < 0).any() else magnitude
    found = [n for n in _matches("anatomy", volumes) if volumes[n].shape == labels.shape]
    voxel_mm = np.linalg.norm(affine[:3, :3], axis=0)
    if found:
        anatomy = _data(volumes[found[0]])
        anatomy = np.maximum(anatomy * (1000 / np.median(anatomy[brain])), 0).astype(np.float32)
    else:
        anatomy = contrast(brain, white, ventricles, voxel_mm, rng)
    names = _names(folder)
    matrix = [n for n in _matches("matrix", images) if n not in volumes]
    covariance = _covariance(images[matrix[0]], matrix[0], len(index)) if matrix else _random_covariance(index, rng)
    return Atlas(labels, brain, white, ventricles, anatomy, affine, index,
                 [names.get(int(abs(i)), f"region{abs(i)}") for i in index], covariance)  # fmt: skip


def _matches(kind: str, files) -> list:
    """File names of a kind, best pattern first; masks of two tissues or of an older analysis come last."""
    hits = []
    for pattern in _PATTERNS[kind]:
        for name in files:
            if re.search(pattern, name.lower()) and name not in hits:
                hits.append(name)
    return sorted(hits, key=lambda n: bool(re.search(r"wm_csf|old|ica", n.lower())))


def _data(image) -> np.ndarray:
    return np.nan_to_num(np.asarray(image.dataobj, dtype=np.float32))


def _is_labels(image) -> bool:
    data = _data(image)
    return bool((data == np.rint(data)).all()) and len(np.unique(data)) > 2


def _names(folder: Path) -> dict:
    """Label -> short name, from the first table in the folder with an index column."""
    for file in sorted([*folder.glob("*.csv"), *folder.glob("*.tsv")]):
        with file.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t" if file.suffix == ".tsv" else ","))
        if not rows:
            continue
        columns = {str(c).strip().lower(): c for c in rows[0]}
        key = next((columns[c] for c in ("index", "label", "id") if c in columns), None)
        value = next((columns[c] for c in columns if "abbrev" in c), None)
        value = value or next((columns[c] for c in ("name", "roi", "region", "structure") if c in columns), None)
        if key and value:
            return {abs(int(float(row[key]))): row[value].strip() for row in rows if row[key]}
    return {}


def _covariance(image, name: str, n: int) -> np.ndarray:
    """Nearest correlation matrix of a stored matrix of r, or of Fisher z (infinite or large diagonal)."""
    matrix = np.asarray(image.dataobj, dtype=float)
    if matrix.shape != (n, n):
        raise ValueError(f"{name} has shape {matrix.shape}, but the labels image has {n} regions")
    return nearest_correlation(np.where(np.eye(n) > 0, 1.0, np.tanh(matrix) if "z" in name.lower() else matrix))


def _random_covariance(index: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Six random networks, the same on both sides: for an atlas without a connectivity matrix."""
    magnitude, position = np.unique(np.abs(index), return_inverse=True)
    loading = rng.standard_normal((len(magnitude), 6)) / np.sqrt(6)
    own = np.equal.outer(position, position)
    return nearest_correlation(0.5 * (loading @ loading.T)[np.ix_(position, position)] + 0.3 * own
                               + np.eye(len(index)))  # fmt: skip


def save(atlas: Atlas, folder: Path) -> dict:
    """Write labels, names, masks and anatomy; return key of the analysis' ``atlas`` section -> file name."""
    import nibabel as nib

    folder.mkdir(parents=True)
    written = {}
    parts = {"labels": (atlas.labels, np.int16), "brain": (atlas.brain, np.uint8),
             "white_matter": (atlas.white_matter, np.uint8), "ventricles": (atlas.ventricles, np.uint8),
             "anatomy": (atlas.anatomy, np.float32)}  # fmt: skip
    for key, (data, dtype) in parts.items():
        if data is not None:
            image = nib.Nifti1Image(np.asarray(data, dtype=dtype), atlas.affine)
            image.header.set_xyzt_units("mm", "sec")
            nib.save(image, folder / f"{key}.nii.gz")
            written[key] = f"{key}.nii.gz"
    side = np.where(atlas.index > 0, "right", "left") if (atlas.index < 0).any() else ["n/a"] * len(atlas.index)
    lines = [f"{i}\t{n}\t{s}" for i, n, s in zip(atlas.index, atlas.names, side, strict=True)]
    (folder / "labels.tsv").write_text("\n".join(["index\tname\themisphere", *lines]) + "\n", encoding="utf-8")
    return written
