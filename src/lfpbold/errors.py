"""Errors that a person can act on, and text that a terminal takes as text."""

from __future__ import annotations

import re
import typing
import unicodedata

LONGEST = 2000  # letters of a message: what a file holds may be quoted in it


def printable(text: str) -> str:
    r"""Text without what a terminal would obey: control characters, and marks that turn the direction of writing.

    Names of files, cells of tables and labels in a recording may hold them. Ends of lines and tabs stay.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m.edf")
    '�[31mred�[0m.edf'
    """
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or unicodedata.category(c)[0] not in "C" else "�" for c in text)


class InputError(ValueError):
    """One sentence that names the file or row, what is wrong with it, and the way out.

    It stands on one line, and holds nothing that a terminal would obey, whatever is quoted in it.

    Parameters
    ----------
    text : str
        The sentence. Line breaks become spaces; beyond 2000 letters an ellipsis stands for its middle.

    Examples
    --------
    >>> raise InputError("rat01.nwb: channel A3 is constant; name the good channels in `channels`")
    Traceback (most recent call last):
        ...
    lfpbold.errors.InputError: rat01.nwb: channel A3 is constant; name the good channels in `channels`
    """

    def __init__(self, text=""):
        text = printable(re.sub(r"\s", " ", str(text)))
        if len(text) > LONGEST:
            text = f"{text[: LONGEST - 500]} … {text[-500:]}"
        super().__init__(text)


def require_choices(options) -> None:
    """Refuse a dataclass a field of which is annotated with `Literal` and holds none of its values.

    Raises
    ------
    InputError
    """
    for name, kind in typing.get_type_hints(type(options)).items():
        choices = typing.get_args(kind)
        if typing.get_origin(kind) is typing.Literal and getattr(options, name) not in choices:
            raise InputError(f"{name} is {getattr(options, name)!r}; choose one of {', '.join(map(str, choices))}")
