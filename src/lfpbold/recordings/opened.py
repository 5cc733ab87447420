"""What an opened recording is, whatever its file's format, and what it must hold."""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import InputError

PACKAGE = Path(__file__).parents[1]
# How Python refuses a call that does not fit the function's signature.
MISCALLED = re.compile(
    r"unexpected keyword argument|missing \d+ required|takes .* positional argument|multiple values for"
)
PAGE, MOST_PAGES = 2**18, 64  # samples of a page, and pages of one channel that are kept
IMPOSSIBLE_UV, FAINTEST_UV = 1e7, 1e-2  # beyond any amplifier's range, and below the noise of any electrode
TILE = 2048  # samples of all channels that are turned round at once


@dataclass(frozen=True)
class Lfp:
    """A recording that is read channel by channel.

    Attributes
    ----------
    fs_hz : float
        Sampling rate, Hz.
    n_samples : int
    channels : list of str
        The channels asked for, or all.
    read : callable
        `read(position, start, stop)` gives samples of the channel at that position of `channels`: float32, in µV.
    triggers_s : ndarray or None
        Volume triggers, s from the first sample.
    fill : callable or None
        `fill(out, positions, start, stop)` writes samples of several channels into the rows of `out`, where the file
        holds channels side by side, so that reading one is as dear as reading all.
    page : int
        Samples that `OneChannel` reads at once where a short part is as dear as a long one (compressed files, readers
        that do much for each call); such files are read by one thread at a time. 0 where parts are cheap.
    notes : tuple of str
        What a user should know of how the file was read, one sentence each.
    trigger_names : tuple of str
        What in the file could be triggers, for messages.
    kinds : dict of str to str
        Channels that are no LFP by what the file says of them, and what they are.
    mains_hz : float or None
        Frequency of the mains by the dataset (`PowerLineFrequency`); None where it is not stated.
    units : dict of str to str
        Units that the file states of its channels, as it writes them, where its format has any.
    """

    fs_hz: float
    n_samples: int
    channels: list
    read: Callable = field(repr=False)
    triggers_s: np.ndarray | None = None
    fill: Callable | None = field(default=None, repr=False)
    page: int = 0
    notes: tuple[str, ...] = ()
    trigger_names: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict, repr=False)
    mains_hz: float | None = None
    units: dict[str, str] = field(default_factory=dict, repr=False)

    def channel(self, position: int, offset: float = 0.0) -> OneChannel:
        """One channel, less a constant, that is sliced like an array and read only then."""
        return OneChannel(self, position, offset)

    def fill_block(self, out, positions, start: int, stop: int) -> None:
        """Write samples of several channels into the rows of `out`, shape (n_channels, stop − start)."""
        if self.fill is not None:
            self.fill(out, positions, start, stop)
            return
        for row, position in zip(out, positions, strict=True):
            row[:] = self.read(position, start, stop)


@dataclass(frozen=True)
class OneChannel:
    """One channel, of which only what is sliced is read.

    Attributes
    ----------
    lfp : Lfp
    position : int
    offset : float
        Subtracted, in float32.
    """

    lfp: Lfp
    position: int
    offset: float = 0.0
    pages: dict = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return self.lfp.n_samples

    @property
    def size(self) -> int:
        return self.lfp.n_samples

    def __getitem__(self, which: slice) -> np.ndarray:
        start, stop, step = which.indices(len(self))
        samples = self._read(start, max(start, stop))[::step]
        return samples - np.float32(self.offset) if self.offset else samples

    def _read(self, start: int, stop: int) -> np.ndarray:
        page = self.lfp.page
        if not page or stop - start > MOST_PAGES // 2 * page or start == stop:
            return self.lfp.read(self.position, start, stop)
        numbers = range(start // page, (stop - 1) // page + 1)
        parts = [self._page(number) for number in numbers]
        return np.concatenate(parts)[start - numbers[0] * page :][: stop - start]

    def _page(self, number: int) -> np.ndarray:
        if number not in self.pages:
            if len(self.pages) >= MOST_PAGES:
                self.pages.pop(next(iter(self.pages)))
            begin = number * self.lfp.page
            self.pages[number] = self.lfp.read(self.position, begin, min(begin + self.lfp.page, len(self)))
        return self.pages[number]

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)


@dataclass(frozen=True)
class Bold:
    """A 4-D series with its geometry and timing.

    Attributes
    ----------
    shape : tuple of int
        (x, y, z).
    n_volumes : int
    affine : ndarray, shape (4, 4)
    tr_s : float
    slice_times_s : ndarray or None
        Onset of each slice within its volume, s; None where unknown.
    slice_axis : int
        Axis of `shape` along which the slices lie, as the sidecar or the header says; the third where neither does.
    read : callable
        `read(start, stop)` gives volumes, shape (n, x, y, z), float32.
    holds_integers : bool
        Whether the file's own numbers are integers, among which there is no NaN.
    dummy_volumes : int
        Volumes that were dropped from the file's start. `n_volumes` does not count them, and the first volume begins
        that many TR after the file's first.
    placed : bool
        False where the file does not say where its voxels lie: arrays, and images whose orientation the user states
        because the header does not, of which only the origin is unknown.
    notes : tuple of str
        What is worth knowing of how the file was read.
    """

    shape: tuple
    n_volumes: int
    affine: np.ndarray
    tr_s: float
    slice_times_s: np.ndarray | None
    read: Callable = field(repr=False)
    holds_integers: bool = False
    dummy_volumes: int = 0
    slice_axis: int = 2
    placed: bool = True
    notes: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether it is a list of voxels, of which no one knows which are neighbours."""
        return not self.placed and self.shape[0] > 1 and tuple(self.shape[1:]) == (1, 1)


def error_reason(error: BaseException, longest: int = 160) -> str:
    """The first sentence of a library's message, on one line, without folders and what only programmers read."""
    if isinstance(error, AttributeError | LookupError | AssertionError | UnboundLocalError):
        return "its content is not that of this format"
    text = " ".join(re.sub(r"<[\w. ]* at 0x[0-9a-f]+>", "something else", str(error)).split()) or type(error).__name__
    if "truncated file" in text:
        return "it is cut short"
    text = re.sub(r"^\[Errno \d+\] ", "", re.sub(r"\w*Path\(('[^']*')\)", r"\1", text))
    text = re.sub(r"(?<![\w/])/(?:[^/\s'\"]+/)+", "", text)
    text = re.split(r"(?<=[^.\d])[.;](?=\s+[A-Z]|$)", text, maxsplit=1)[0]
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def is_mistake_in_code(error: BaseException) -> bool:
    """Whether an error is a mistake of a programmer, which says nothing about the file that was being read.

    Libraries raise errors of every type over damaged files. What this package itself raised last is a mistake where a
    name or a module's attribute does not exist, or a call does not fit its function.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not Path(trace.tb_frame.f_code.co_filename).is_relative_to(PACKAGE):
        return False
    if isinstance(error, AttributeError):
        return isinstance(error.obj, types.ModuleType) or type(error.obj).__module__.startswith(__package__)
    return isinstance(error, NameError) or (isinstance(error, TypeError) and bool(MISCALLED.search(str(error))))


def check_samples(samples, channel: str, where: str, stage: str = "raw") -> None:
    """Refuse a channel that holds anything but numbers, never changes, or is in another unit than microvolts."""
    check_range(np.min(samples), np.max(samples), channel, where, stage)


def check_range(lowest: float, highest: float, channel: str, where: str = "", stage: str = "raw") -> None:
    """The same, by the smallest and the largest of its samples, which are NaN where one is; power may have any size."""
    name = f"{where}: channel {channel}" if where else f"channel {channel}"
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        raise InputError(f"{name} holds NaN or infinity; name the good channels in `channels`")
    if lowest == highest:
        raise InputError(f"{name} is constant; name the good channels in `channels`")
    largest = max(abs(lowest), abs(highest))
    if stage != "power" and largest > IMPOSSIBLE_UV:
        raise InputError(
            f"{name} reaches {largest / 1e6:.4g} V, which no electrode gives: its unit or its factor to volts is wrong;"
            " correct it in the file, or set lfp_scale where the file has no unit"
        )
    if stage != "power" and largest < FAINTEST_UV:
        raise InputError(
            f"{name} stays within {largest:.3g} µV, less than any amplifier's noise: its samples are probably volts;"
            " correct the unit in the file, or set lfp_scale (1e6 for volts) where the file has none"
        )


def side_by_side(out, samples, factors) -> None:
    """Write samples × channels times a factor each into the rows of `out`: in tiles, which the cache holds."""
    factors = np.reshape(factors, (-1, 1))
    for begin in range(0, len(samples), TILE):
        tile = samples[begin : begin + TILE]
        np.multiply(tile.T, factors, out=out[:, begin : begin + len(tile)], casting="same_kind")
