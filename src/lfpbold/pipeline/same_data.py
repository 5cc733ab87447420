"""Finds recordings that are used twice: files of other names with the same content, and stretches that overlap."""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..recordings.fingerprint import sample_files
from ..study.same_files import run_of, share_channels

PROBE = 65_536  # bytes from the start, the middle and the end by which files of one size are told apart at first


def same_files(rows: list[dict]) -> list[str]:
    """A sentence for each file that has the content of another one, of another run or animal.

    Parameters
    ----------
    rows : list of dict
        Of the sheet; those that are excluded, and files that do not exist or cannot be read, do not count.
    """
    used = [row for row in rows if not row["exclude"]]
    problems: list[str] = []
    for column, probe, equal in (("bold", _bold_probe, _equal_bold), ("lfp", _lfp_probe, _equal_lfp)):
        first_of = {os.path.realpath(row[column]): row for row in reversed(used)}
        probed: dict = {}
        for path, row in reversed(first_of.items()):
            key = None
            with contextlib.suppress(Exception):  # what is wrong with a file is told where it is opened
                key = probe(Path(path))
            if key is None:
                continue
            twin = next((other for other in probed.get(key, []) if _equal(equal, Path(other), Path(path))), None)
            if twin is None:
                probed.setdefault(key, []).append(path)
                continue
            first = first_of[twin]
            same = first["where"].split(": ")[-1]
            problems.append(
                f"{row['where']}: its {column} {Path(row[column]).name} has the same content as that of line"
                f" {first['line']}, {Path(first[column]).name} ({same}): one recording is used"
                f" twice; correct `{column}` in one of them"
            )
    return problems


def _equal(function: Callable, first: Path, second: Path) -> bool:
    try:
        return bool(function(first, second))
    except Exception:  # unreadable, which is told elsewhere
        return False


def _bold_probe(path: Path):
    """Of an image its grid and first volume, whatever its packing; of other files as for LFP."""
    if path.name.endswith((".nii", ".nii.gz", ".img", ".hdr")):
        image, volume = _volume(path, 0)
        return None if np.ptp(volume) == 0 else (image.shape, _digest(volume))
    return _lfp_probe(path)


def _volume(path: Path, number: int):
    import nibabel

    image = nibabel.load(path)
    return image, np.ascontiguousarray(image.dataobj[..., number])


def _equal_bold(first: Path, second: Path) -> bool:
    if not first.name.endswith((".nii", ".nii.gz", ".img", ".hdr")):
        return _equal_lfp(first, second)
    # Noise makes any two volumes differ; a second one tells an equal start from an equal series.
    middles = [_volume(path, _volume(path, 0)[0].shape[3] // 2)[1] for path in (first, second)]
    return bool(np.array_equal(*middles))


def _lfp_probe(path: Path):
    """Sizes of the files that hold the samples, and some of their bytes."""
    if not path.exists():
        return None
    files = sample_files(path)
    sizes = tuple(file.stat().st_size for file in files)
    if not files or sum(sizes) == 0:
        return None
    largest = files[int(np.argmax(sizes))]
    return sizes, _probe(largest)


def _probe(path: Path) -> bytes:
    size, digest = path.stat().st_size, hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        for start in (0, max(0, size // 2 - PROBE // 2), max(0, size - PROBE)):
            stream.seek(start)
            digest.update(stream.read(PROBE))
    return digest.digest()


def _equal_lfp(first: Path, second: Path) -> bool:
    pairs = zip(sample_files(first), sample_files(second), strict=True)
    return all(filecmp.cmp(a, b, shallow=False) for a, b in pairs)


def _digest(values) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values), digest_size=16).digest()


class Stretches:
    """Where in its LFP each scan lies, as far as that is known before a run: two scans cannot lie in one place."""

    def __init__(self):
        self._seen: dict = {}

    def problem(self, row: dict, lfp, bold) -> list[str]:
        """A sentence where another run lies in the same part of the same channels."""
        start = row["scan_start_s"]
        if start is None:
            triggers = getattr(lfp, "triggers_s", None)
            n = bold.n_volumes + bold.dummy_volumes
            if triggers is None or len(triggers) < n:
                return []
            start = float(triggers[0] if row["input"]["extra_triggers"] != "before" else triggers[-n])
        stop = start + (bold.n_volumes + bold.dummy_volumes) * bold.tr_s
        own = row | {"channels": list(lfp.channels)}
        known = self._seen.setdefault((os.path.realpath(row["lfp"]), row["input"]["lfp_variable"]), [])
        for other, begin, end in known:
            overlap = min(stop, end) - max(start, begin)
            if overlap > bold.tr_s / 2 and run_of(other) != run_of(row) and share_channels(other, own):
                return [
                    f"{row['where']}: its scan lies at {start:g}–{stop:g} s of {Path(row['lfp']).name}, and that of"
                    f" line {other['line']} at {begin:g}–{end:g} s of the same channels: two scans cannot overlap;"
                    " correct scan_start_s in one of them"
                ]
        for other, _, _ in known:
            if run_of(other) == run_of(row) and share_channels(other, own):
                twice = sorted(set(other["channels"]) & set(own["channels"]))
                return [
                    f"{row['where']}: the channels {', '.join(twice[:8])} of {Path(row['lfp']).name} are those of site"
                    f" {other['site']} too; name the channels of each site in `channels`"
                ]
        known.append((own, start, stop))
        return []
