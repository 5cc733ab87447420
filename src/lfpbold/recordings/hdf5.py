"""What an HDF5 file may hold: numbers of its own, not more of them than a file of its size can hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .plausible import require_plausible

DEEPEST = 32  # groups in groups


def is_hdf5(path) -> bool:
    """Whether a file is HDF5 by its content."""
    import h5py

    return bool(h5py.is_hdf5(path))


def own_member(group, name: str, where: str):
    """A member of a group, which must lie in the file itself.

    Raises
    ------
    InputError
        Where it lies in another file (external link or storage, virtual dataset), which nothing would keep a record of,
        or is larger than the file can hold.
    """
    import h5py

    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise _elsewhere(name, link.filename, where)
    item = group[name]
    if item.file.filename != group.file.filename:
        raise _elsewhere(name, item.file.filename, where)
    if isinstance(item, h5py.Dataset):
        if item.external:
            raise _elsewhere(name, item.external[0][0], where)
        if item.is_virtual:
            raise _elsewhere(name, item.virtual_sources()[0].file_name, where)
        require_plausible((item.size or 0) * item.dtype.itemsize, Path(group.file.filename).stat().st_size, where)
    return item


def _elsewhere(name: str, file, where: str) -> InputError:
    return InputError(
        f"{where}: its `{name}` lies in another file ({Path(str(file)).name}); export all of it into one file"
    )


def members(file) -> Iterator:
    """Name and item of everything in a file, each object once, without following links; `DEEPEST` groups deep."""
    import h5py

    seen, left = set(), [("", file, 0)]
    while left:
        path, group, depth = left.pop(0)
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                continue
            seen.add(address)
            full = f"{path}{name}"
            yield full, item
            if isinstance(item, h5py.Group) and depth < DEEPEST:
                left.append((f"{full}/", item, depth + 1))


def require_own_members(path, where: str) -> None:
    """Every link and dataset of a file that another library will read lies in the file and is plausible."""
    import h5py

    with h5py.File(path, "r", locking=False) as file:
        groups = [file, *(item for _, item in members(file) if isinstance(item, h5py.Group))]
        for group in groups:
            for name in group:
                if group.get(name) is not None or isinstance(group.get(name, getlink=True), h5py.ExternalLink):
                    own_member(group, name, where)
