"""What a user's name means among those of a file: as it is written, else by letters, else by numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from ..errors import InputError

MOST = 20  # names that a message lists


def _letters(text: str) -> str:
    """`Scanner Trigger` as `scannertrigger`."""
    return "".join(text.split()).casefold()


def _numbers(text: str) -> str:
    """`S  01`, `s1` and `S 1.0` alike, and so `1`, `01` and `1.0`."""
    return re.sub(r"0*(\d+)(?:\.0+)?(?![\d.])", r"\1", _letters(text))


LOOKS: tuple[Callable[[str], str], ...] = (str, _letters, _numbers)


def meant(wanted: str, known: Iterable[str]) -> list[str]:
    """Those of the known names that are meant: the one that is spelt so, else all that differ in blanks, capitals or
    the spelling of numbers alone.

    Examples
    --------
    >>> meant("R128", ["R128", "r128"]), meant("s1", ["S  1", "S  2"]), meant("1.0", ["01", "10"]), meant("2", ["1"])
    (['R128'], ['S  1'], ['01'], [])
    """
    known = list(dict.fromkeys(known))
    for look in LOOKS:
        if found := [name for name in known if look(name) == look(wanted)]:
            return found
    return []


def one_meant(wanted: str, known: Iterable[str], where: str) -> str | None:
    """The one known name that is meant; None for none.

    Raises
    ------
    InputError
        Where several are.
    """
    found = meant(wanted, known)
    if len(found) > 1:
        raise InputError(
            f"{where}: `{wanted}` may be {' or '.join(f'`{name}`' for name in found[:6])}; write it as the file does"
        )
    return found[0] if found else None


def name_and_code(wanted: str) -> tuple[str, str | None]:
    """A name and the code that is chosen of it, of `Status=1`; None without one."""
    name, sign, code = wanted.rpartition("=")
    return (name.strip(), code.strip()) if sign and name.strip() and code.strip() else (wanted, None)


def listed(known: Iterable[str]) -> str:
    """Names for a message, shortened where they are many."""
    names = list(dict.fromkeys(known))
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(f"`{name[:60]}`" for name in names[:MOST]) + more


def near(wanted: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that is most like another one, but for blanks and capitals; None where none is so much alike."""
    spelt: dict[str, str] = {}
    for name in known:
        spelt.setdefault(_letters(name), name)
    close = difflib.get_close_matches(_letters(wanted), spelt, n=1, cutoff=cutoff)
    return spelt[close[0]] if close else None


def nearest(wanted: str, known: Iterable[str]) -> str:
    """A question for a message, where a name is nearly one that is known."""
    name = near(wanted, known)
    return f" (did you mean `{name}`?)" if name is not None else ""
