"""Whether a NIfTI file holds as many volumes as its header says."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from ..errors import InputError
from .plausible import require_plausible
from .special_files import special_kind

GZIP = b"\x1f\x8b"


def require_payload(image, path, where: str) -> None:
    """Refuse an image whose file holds fewer volumes than its header says, or more.

    A compressed file says its full size, modulo 4 GiB, in its last four bytes; only where that contradicts the header
    is it unpacked to be sure.
    """
    file = Path(image.file_map["image"].filename or path)
    item = image.header.get_data_dtype().itemsize
    volume = item * image.shape[0] * image.shape[1] * image.shape[2]
    begin = int(image.dataobj.offset)
    expected = begin + volume * image.shape[3]
    if kind := special_kind(file):
        raise InputError(f"{where}: {file.name} is {kind}, not a file; copy or export it again")
    held = _size(file, expected, volume, where)
    n = max(held - begin, 0) / volume
    if n < image.shape[3] or int(n) > image.shape[3]:
        raise InputError(
            f"{where}: the header says {image.shape[3]} volumes, but the file holds {n:.4g}; copy or export it again,"
            " or correct the header"
        )


def _size(file: Path, expected: int, volume: int, where: str) -> int:
    """Bytes that a file holds, unpacked; of one that holds far more than is expected, as many as tell that."""
    with file.open("rb") as stream:
        if stream.read(2) != GZIP:
            return file.stat().st_size
        require_plausible(expected, file.stat().st_size, where)
        stream.seek(-4, 2)
        if int.from_bytes(stream.read(4), "little") == expected % 2**32:
            return expected
    held = 0
    try:
        with gzip.open(file) as stream:
            while (block := stream.read(2**22)) and held <= expected + 2 * volume:
                held += len(block)
    except (OSError, EOFError, zlib.error):
        raise InputError(f"{where}: is damaged or cut short; copy or export it again") from None
    return held
