"""The chain of tags of a FIF file, which MNE follows wherever it leads."""

from __future__ import annotations

import struct
from pathlib import Path

from ..errors import InputError


def require_chain(path: Path, where: str) -> None:
    """Refuse a FIF file whose tags lead back, so that following them never ends, or out of it.

    Raises
    ------
    InputError
    """
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while 0 <= at <= size - 16:
            file.seek(at)
            _, _, n, following = struct.unpack(">iIii", file.read(16))
            after = at + 16 + n if following == 0 else following
            if following < 0:
                return
            if n < 0 or at + 16 + n > size or after <= at:
                break
            at = after
    if at != size:
        raise InputError(f"{where}: is damaged, its parts lead back or out of it; copy or export it again")
