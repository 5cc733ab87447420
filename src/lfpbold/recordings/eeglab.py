"""Where an EEGLAB recording keeps its samples: in the .set file, or in the .fdt file that it names."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from .special_files import is_entry

LARGEST = 2**26  # bytes of a .set file that is searched, and that a part of it may unpack to: others hold their samples
ENDING, LONGEST_NAME = b".fdt", 255
PACKED_ELEMENT, HDF5 = 15, b"\x89HDF\r\n"


def parts(path: Path) -> list[Path]:
    """The .fdt files that MNE may read: one that a .set file names and that exists, and one that is called like it."""
    about = path.stat()
    names = _named(path, about.st_size, about.st_mtime_ns) if about.st_size <= LARGEST else ()
    return [*(p for name in names if is_entry(p := path.parent / name)), path.with_suffix(".fdt")]


@lru_cache(maxsize=4096)
def _named(path: Path, n_bytes: int, _time_ns: int) -> tuple[str, ...]:
    """What may be names of .fdt files in the text of a .set file, whatever it says of them."""
    data = path.read_bytes()
    blocks = [_of_hdf5(path)] if HDF5 in data[:1024] else _unpacked(data)
    names = (name for block in blocks for name in _ending_so(block.replace(b"\0", b"")))
    return tuple(dict.fromkeys(name for name in names if ".." not in name and not name.startswith("/")))


def _ending_so(text: bytes) -> Iterator[str]:
    """Every name in a text that ends so, with and without its first letter, which may be the length before a name."""
    at = text.find(ENDING)
    while at >= 0:
        name = re.split(r"[\x00-\x1f\ufffd]", text[max(at - LONGEST_NAME, 0) : at + 4].decode("utf-8", "replace"))[-1]
        yield from (name, name[1:])
        at = text.find(ENDING, at + 1)


def _unpacked(data: bytes) -> list[bytes]:
    """Text of a MATLAB 5 file: its variables as they stand, those that are packed unpacked."""
    order, blocks, at = (">" if data[126:128] == b"MI" else "<"), [], 128
    while at + 8 <= len(data):
        kind, n = struct.unpack(f"{order}II", data[at : at + 8])
        block = data[at + 8 : at + 8 + n]
        if kind == PACKED_ELEMENT:
            try:
                block = zlib.decompressobj().decompress(block, LARGEST)
            except zlib.error:  # damaged, which its reader tells
                block = b""
        blocks.append(block)
        at += 8 + n
    return blocks


def _of_hdf5(path: Path) -> bytes:
    """What `data` of a file of MATLAB 7.3 says, where that is text."""
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            for place in ("EEG/data", "data"):
                item = file.get(place)
                if isinstance(item, h5py.Dataset) and item.dtype.kind == "u" and item.size < 10_000:
                    return bytes(int(c) % 256 for c in item[()].ravel())
    except (OSError, RuntimeError, ValueError, TypeError):  # damaged, which its reader tells
        pass
    return b""
