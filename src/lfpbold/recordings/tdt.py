"""TDT blocks: a folder with an index (.tsq) and samples, in one .tev file or in one .sev file for each channel.

The index is read here and not by neo, whose `TdtRawIO` (0.14) is without a word empty or at 1 Hz where .sev files have
no time stamps in the index, takes the .sev files of another store for one that lies in the .tev, fills a .tev that was
cut short with zeros, ignores pauses, and calls volts microvolts. Where it is right the tests hold this reader to it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from .names import listed, meant, name_and_code, one_meant
from .opened import Lfp
from .options import LfpOptions
from .tdt_sev import open_sev_files, sev_stores
from .tdt_tev import INDEX, Stream, open_tev, snapped_rate

TDT_SUFFIXES = (".tsq", ".tev", ".tbk", ".tdx", ".tin", ".tnt", ".sev")
STREAM, ONSET, SCALAR, MARK, FLAGS, IN_SEV = 0x8101, 0x0101, 0x0201, 0x8801, 0xFF0F, 0x0010
IMPOSSIBLE_V = 10.0  # no amplifier reaches it, so that a store that does is in microvolts


def is_tdt(folder: Path) -> bool:
    """Whether a folder is a TDT block, or a tank of several."""
    return any(p.suffix.lower() in (".tsq", ".sev") for pattern in ("*", "*/*") for p in folder.glob(pattern))


def open_tdt(path, options: LfpOptions, where) -> Lfp:
    folder = path if path.is_dir() else path.parent
    index_file = _index_file(folder, where)
    index = _read_index(index_file, where) if index_file else np.zeros(0, INDEX)
    in_sev = sev_stores(folder, where)
    name = _chosen(index, in_sev, options.variable, where)
    records = index[(index["name"] == name.encode("latin-1")) & (index["kind"] & FLAGS == STREAM)]
    if name in in_sev:
        stream = open_sev_files(in_sev[name], where)
        first_s = float(records["time_s"][0]) if len(records) else _block_start(index)
        stream = replace(stream, first_s=first_s)
    elif (records["kind"] & IN_SEV).any():
        raise InputError(
            f"{where}: store {name} was recorded into .sev files, which are missing; copy them into the folder"
        )
    else:
        stream = open_tev(index_file, records, name, where)
    scale = _to_microvolts(stream, name, options, where)

    def read(position, start, stop):
        return stream.read(position, start, stop).astype(np.float32) * np.float32(scale)

    triggers, known = _onsets(index, options.trigger, stream.first_s, where)
    rate = snapped_rate(stream.fs_hz, where)
    return Lfp(rate, stream.n_samples, stream.channels, read, triggers, trigger_names=known)


def _index_file(folder: Path, where: str) -> Path | None:
    indices = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".tsq" and not p.name.startswith("._"))
    if len(indices) > 1:
        raise InputError(
            f"{where}: holds several blocks ({', '.join(p.stem for p in indices)}); give each its own folder"
        )
    if indices:
        return indices[0]
    blocks = sorted({p.parent.name for p in folder.glob("*/*") if p.suffix.lower() == ".tsq"})
    if blocks:
        raise InputError(f"{where}: is a tank; name one of its blocks ({', '.join(blocks[:10])}) instead")
    if any(p.suffix.lower() == ".sev" for p in folder.iterdir()):
        return None  # a streamer's folder: samples without an index, hence without events
    raise InputError(f"{where}: holds no index (.tsq); copy the whole folder of the TDT block")


def _read_index(path: Path, where: str) -> np.ndarray:
    size = path.stat().st_size
    if size < 3 * INDEX.itemsize or size % INDEX.itemsize:
        raise InputError(f"{where}: its index {path.name} is empty or cut short; copy the block again")
    index = np.fromfile(path, INDEX)
    if index["kind"][1] != MARK or index["name"][1] != b"\x01":
        raise InputError(f"{where}: {path.name} is not the index of a TDT block; copy the block again")
    return index


def _block_start(index) -> float:
    return float(index["time_s"][1]) if len(index) else float("nan")


def _chosen(index, in_sev: dict, wanted: str | None, where: str) -> str:
    streams = index[index["kind"] & FLAGS == STREAM]
    stores = {}
    for raw in np.unique(streams["name"]):
        first = streams[np.argmax(streams["name"] == raw)]
        stores[raw.decode("latin-1")] = f"{raw.decode('latin-1')} ({first['fs_hz']:g} Hz)"
    stores |= {name: stores.get(name, f"{name} (.sev)") for name in in_sev}
    if wanted and (name := one_meant(wanted, stores, where)):
        return name
    listed = ", ".join(stores.values())
    if not stores:
        raise InputError(f"{where}: holds no stream of samples; copy the whole folder of the TDT block")
    if wanted:
        raise InputError(f"{where}: holds no stream `{wanted}`; it has {listed}: set lfp_variable to one of them")
    if len(stores) > 1:
        raise InputError(f"{where}: holds several streams; say which is the LFP by lfp_variable ({listed})")
    return next(iter(stores))


def _to_microvolts(stream: Stream, name: str, options, where: str) -> float:
    """Numbers with a point are volts; whole numbers were scaled by a factor that the block does not hold."""
    scale = options.to_microvolts
    if stream.dtype.kind == "i":
        if options.scale is None and options.stage != "power":
            raise InputError(
                f"{where}: store {name} holds whole numbers, whose unit a TDT block does not tell; set lfp_scale to the"
                " microvolts of one step (the inverse of the scale factor in the recording's settings, times 1e6)"
            )
        return scale
    some = stream.read(0, 0, min(stream.n_samples, int(stream.fs_hz)))
    if np.isfinite(some).all() and np.abs(some).max(initial=0) * scale > IMPOSSIBLE_V:
        raise InputError(
            f"{where}: store {name} holds values up to {np.abs(some).max():.3g}, too large for the volts that TDT"
            " stores; where it is in microvolts, set lfp_scale to 1e-6"
        )
    return 1e6 * scale


def _onsets(index, wanted: str, first_s: float, where: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Onsets of an epoc store, s from the first sample, of all its values or of one; and the stores that there are."""
    events = index[np.isin(index["kind"], (ONSET, SCALAR, ONSET | 0x8000))]
    known = tuple(dict.fromkeys(name.decode("latin-1") for name in events["name"]))
    # TDT ends some names with a slash, which its programs show as an underscore or not at all.
    plain = {name.rstrip("/\\_"): name for name in known}
    for text, code in ((wanted, None), name_and_code(wanted)):
        name = one_meant(text.rstrip("/\\_"), plain, where) if text else None
        if name is None:
            continue
        own = events[events["name"] == plain[name].encode("latin-1")]
        own = next(own[own["kind"] == kind] for kind in (ONSET, SCALAR, ONSET | 0x8000) if (own["kind"] == kind).any())
        if code is not None:  # the value stands in place of an offset
            values = [f"{value:g}" for value in own["offset"].copy().view("<f8")]
            chosen = meant(code, values)
            if not chosen:
                raise InputError(f"{where}: store {plain[name]} never has the value {code}; it has {listed(values)}")
            own = own[np.isin(values, chosen)]
        return np.sort(own["time_s"]) - first_s, known
    return None, known
