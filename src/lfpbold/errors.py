"""Errors and doubts that a person can act on, and text that a terminal takes as text."""

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


# What may be in doubt about a recording that could be read: name to severity and meaning. A severe doubt excludes it,
# unless `run.on_doubtful` says otherwise; a slight one is told.
DOUBTS = {
    "artefact_left": ("severe", "what is left of the gradient artefact is as strong as the LFP"),
    "artefact_outside_scan": ("severe", "the gradient artefact is not where the scan is said to be"),
    "clock": ("severe", "the artefact does not repeat with one period over the scan"),
    "mains_left": ("severe", "a mains line without a notch is as strong as the LFP around it"),
    "mains_missed": ("slight", "a weak mains line without a notch"),
    "artefact_beside_scan": ("slight", "the gradient artefact goes on before or after the scan"),
    "broadband_left": ("slight", "more than a tenth of the broadband signal is left"),
    "bands_at_risk": ("slight", "artefact is left, or LFP was taken, at multiples of 1/TR"),
    "lfp_removed": ("slight", "LFP that is locked to the TR was removed with the artefact"),
    "jitter": ("slight", "the TR jitters, and a fixed period does not follow"),
}


class Doubt(str):
    """A warning that puts a recording in doubt: a sentence, and its name among `DOUBTS`.

    Parameters
    ----------
    name : str
        One of `DOUBTS`.
    text : str
        The sentence.

    Attributes
    ----------
    name : str

    Examples
    --------
    >>> doubt = Doubt("clock", "the clock is in doubt")
    >>> doubt.severe, doubt.of_channel("A1"), doubt.of_channel("A1").name
    (True, 'channel A1: the clock is in doubt', 'clock')
    """

    def __new__(cls, name: str, text: str) -> Doubt:
        if name not in DOUBTS:
            raise KeyError(f"there is no doubt `{name}`; there are {', '.join(DOUBTS)}")
        return super().__new__(cls, text)

    def __init__(self, name: str, text: str):
        self.name = name

    def __getnewargs__(self) -> tuple[str, str]:
        return self.name, str(self)

    @property
    def severe(self) -> bool:
        """Whether the recording should not be used as it is."""
        return DOUBTS[self.name][0] == "severe"

    def of_channel(self, channel: str) -> Doubt:
        """The same about one channel."""
        return Doubt(self.name, f"channel {channel}: {self}")


def of_channel(channel: str, text: str) -> str:
    """A warning about one channel, which stays a doubt where it is one."""
    return text.of_channel(channel) if isinstance(text, Doubt) else f"channel {channel}: {text}"


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
