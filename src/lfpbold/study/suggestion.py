"""What a user probably meant by a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable

from ..recordings.names import near


def suggestion(name, known: Iterable, otherwise: str = "") -> str:
    """The end of a message about an unknown name.

    Parameters
    ----------
    name : object
        What the user wrote.
    known : iterable
        Names that are allowed, as text or convertible to it.
    otherwise : str
        What to say where no known name is near; `{known}` in it stands for the known names. By default they are listed.

    Returns
    -------
    text : str

    Examples
    --------
    >>> suggestion("gama", ["delta", "gamma"])
    'did you mean `gamma`?'
    >>> suggestion("x", ["delta", "gamma"], "bands are {known}")
    'bands are delta, gamma'
    """
    names = list(map(str, known))
    meant = near(str(name), names, 0.5)
    return (
        f"did you mean `{meant}`?"
        if meant is not None
        else (otherwise or "known are {known}").format(known=", ".join(names))
    )
