"""Which way the stored axes of an image lie: as its header states it, or as the user does, never as a library guesses.

A NIfTI header states it up to twice, as qform (turn and shift) and as sform (any affine), each with a code that is 0
where it says nothing. With both codes 0 libraries assume an orientation, and not all the same one.
"""

from __future__ import annotations

import re

import numpy as np

from ..errors import InputError

LETTERS = re.compile(r"(?=.*[RL])(?=.*[AP])(?=.*[IS])[RLAPIS]{3}")
SAME_SIZE = 0.01  # by which voxel edges of qform and sform may differ
SAME_PLACE = 0.5  # voxels that a corner of the image may lie apart by the two, where both mean the same space


def stated_affine(image, chosen: str | None, setting: str, where: str) -> tuple[np.ndarray, bool]:
    """Voxel to the header's own lengths, and whether the header states the place of the origin.

    Parameters
    ----------
    image : nibabel.Nifti1Pair
    chosen : str or None
        What the user says: `qform`, `sform`, or where the three stored axes point to, such as `RAS`.
    setting : str
        What the user says it by, for messages; empty where there is none.
    where : str
        Start of messages.

    Returns
    -------
    affine : ndarray, shape (4, 4)
    placed : bool
        False where the header states nothing: the image's centre then is the origin.

    Raises
    ------
    InputError
        When the header states no orientation, or two that contradict each other, and the user none; when the user's
        is not the header's.
    """
    chosen = _valid(chosen, setting, where)
    forms = {name: form for name, form in (("qform", _qform(image)), ("sform", _sform(image))) if form is not None}
    if chosen in ("qform", "sform"):
        if chosen not in forms:
            raise InputError(f"{where}: {setting} is {chosen}, but {chosen}_code in its header is 0; give letters")
        return forms[chosen], True
    if not forms:
        if chosen is None:
            setting = f"set {setting} to where the stored axes point to, such as RAS, or " if setting else ""
            raise InputError(
                f"{where}: its header states no orientation (qform_code and sform_code are 0), so that left and right"
                f" are unknown; {setting}write the orientation into the header (nibabel: image.set_sform(affine, 1))"
            )
        return _from_letters(chosen, image), False
    if chosen is not None:
        fitting = {name: form for name, form in forms.items() if axis_codes(form) == chosen}
        if not fitting:
            others = " and ".join(f"{axis_codes(form)} ({name})" for name, form in forms.items())
            raise InputError(f"{where}: its header states the orientation {others}, and {setting} is {chosen};"
                             " correct one of them")  # fmt: skip
        forms = fitting
    if len(forms) == 2 and (reason := _contradiction(image, forms)):
        setting = f"set {setting} to qform or sform, or " if setting else ""
        raise InputError(
            f"{where}: the two orientations in its header contradict each other: {reason}; {setting}correct the header"
        )
    return forms.get("sform", forms.get("qform")), True


def axis_codes(affine) -> str:
    """Where the three stored axes point to, such as `RAS`: right, anterior, superior."""
    import nibabel

    return "".join(code or "?" for code in nibabel.aff2axcodes(affine))


def _valid(chosen: str | None, setting: str, where: str) -> str | None:
    if chosen is None or chosen in ("qform", "sform"):
        return chosen
    if not LETTERS.fullmatch(str(chosen).upper()):
        raise InputError(
            f"{where}: {setting} is `{chosen}`; give qform, sform, or a letter of R/L, A/P and I/S for each stored"
            " axis, such as RAS"
        )
    return str(chosen).upper()


def _qform(image) -> np.ndarray | None:
    """The qform, of NaN where its numbers are none; None where it states nothing."""
    if int(image.header["qform_code"]) <= 0:
        return None
    try:
        return np.array(image.header.get_qform(), dtype=float)
    except Exception:  # a quaternion that is none
        return np.full((4, 4), np.nan)


def _sform(image) -> np.ndarray | None:
    return np.array(image.header.get_sform(), dtype=float) if int(image.header["sform_code"]) > 0 else None


def _from_letters(letters: str, image) -> np.ndarray:
    """Axes along the letters, edges of the header, origin in the image's centre."""
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for axis, letter in enumerate(letters):
        row = next(i for i, pair in enumerate(("RL", "AP", "SI")) if letter in pair)
        affine[row, axis] = float(image.header.get_zooms()[axis]) * (1 if letter in "RAS" else -1)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(image.shape[:3]) - 1) / 2)
    return affine


def _contradiction(image, forms: dict) -> str:
    """In what qform and sform differ that cannot both be; empty where they agree.

    With two codes they may mean two spaces, such as the scanner's and one aligned by hand: a turn and a shift between
    these are no contradiction, as long as every axis still points to the same side. The sform then is the one meant.
    """
    qform, sform = forms["qform"], forms["sform"]
    if not np.isfinite(qform).all():
        return "the qform is not a rotation"
    edges = [np.sqrt((form[:3, :3] ** 2).sum(axis=0)) for form in (qform, sform)]
    if not np.isfinite(sform).all() or min(e.min() for e in edges) <= 0:
        return ""  # voxels of no size: refused elsewhere, by a sentence of its own
    if np.abs(edges[0] / edges[1] - 1).max() > SAME_SIZE:
        sizes = [" × ".join(f"{v:.4g}" for v in edge) for edge in edges]
        return f"voxels are {sizes[0]} by the qform and {sizes[1]} by the sform"
    if (codes := [axis_codes(form) for form in (qform, sform)])[0] != codes[1]:
        return f"the stored axes point to {codes[0]} by the qform and to {codes[1]} by the sform"
    corners = np.stack(np.meshgrid(*[(0, n - 1) for n in image.shape[:3]], indexing="ij"), axis=-1).reshape(-1, 3)
    apart = np.linalg.norm(corners @ (qform - sform)[:3, :3].T + (qform - sform)[:3, 3], axis=1).max()
    same_space = int(image.header["qform_code"]) == int(image.header["sform_code"])
    if same_space and apart > SAME_PLACE * edges[0].min():
        return f"a corner of the image lies {apart:.3g} mm apart by the two, which both mean the same space"
    return ""
