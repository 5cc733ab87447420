"""Which channels of a file are no LFP: by its own word, by the BIDS table of channels beside it, by their names."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import InputError
from .bids import find_table, parse, read_tsv, root_of
from .names import meant
from .special_files import is_entry

STATUS = ("", "n/a", "good", "bad")  # of a channel, by BIDS
BRAIN = ("EEG", "SEEG", "ECOG", "DBS", "IEEG", "LFP")  # types of BIDS, and what NWB files call them
# What a word of a channel's name says that it is. Those of the second group say nothing of a name that holds LFP too.
BODY = {
    "ECG": ("ecg", "ekg"),
    "EOG": ("eog", "heog", "veog", "eogl", "eogr"),
    "EMG": ("emg",),
    "respiration": ("resp", "respi", "respiration", "respiratory", "breath", "breathing", "airflow", "thorax",
                    "abdomen", "capno", "etco2", "atmung", "ventilator"),
    "oxygen saturation": ("sao2", "spo2", "o2sat", "oximetry"),
    "pulse or blood pressure": ("pleth", "ppg", "abp", "heartrate", "pulse", "pressure"),
}  # fmt: skip
DEVICE = {
    "trigger or digital line": ("trig", "trigger", "triggers", "ttl", "status", "sti", "marker", "markers", "din",
                                "dig", "digital", "sync", "strobe", "strobed", "evt", "keyboard", "photodiode",
                                "photic", "scannertrigger"),
    "accelerometer": ("accel", "accelerometer", "accx", "accy", "accz", "gyro", "gyrox", "gyroy", "gyroz"),
    "analogue input": ("adc", "aux", "ainp", "analogin", "misc", "vdd"),
    "temperature": ("temperature", "thermistor"),
    "skin conductance": ("gsr", "eda"),
    "sound": ("audio", "microphone"),
}  # fmt: skip
WHOLE = ("ecg", "ekg", "emg", "eog")  # which begin no name of a region, so that they may begin a word: `emgneck`
WORDS_OF_LFP = {"lfp", "eeg", "ecog", "ieeg", "seeg"}


def kind_by_name(name: str) -> str:
    """What a channel is by its name where that is no LFP; empty otherwise.

    Examples
    --------
    >>> [kind_by_name(name) for name in ("EMG1", "POL DC07", "EEG EKG-Ref", "SaO2", "ACC_X", "LFP_trig", "ACC", "DCN2")]
    ['EMG', 'DC input', 'ECG', 'oxygen saturation', 'accelerometer', '', '', '']
    """
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
    whole = re.sub(r"[^a-z0-9]", "", name.lower())
    parts = [*re.split(r"[^a-z0-9]+", name.lower()), whole]
    candidates = {*words, *parts, *(re.sub(r"\d+$", "", part) for part in parts)}
    for kind, known in BODY.items():
        if candidates & set(known) or any(part.startswith(WHOLE) and part[:3] in known for part in parts):
            return kind
    if candidates & WORDS_OF_LFP:
        return ""
    for kind, known in DEVICE.items():
        if candidates & set(known):
            return kind
    if "dc" in words and re.search(r"(^|[^a-z])dc\s*[-_]?\d*$", name.lower().strip()):
        return "DC input"
    if re.fullmatch(r"acc(el)?[-_ ]?\d?[-_ ]?[xyz]", name.lower()):
        return "accelerometer"
    return "reference" if whole in ("ref", "reference") else ""


def channels_table(path: Path) -> Path | None:
    """The BIDS table of channels of a recording: `…_channels.tsv` beside `…_ieeg.edf`, or inherited; None for none."""
    stem = path.name.split(".")[0]
    own = path.with_name(f"{re.sub(r'_(ieeg|eeg|ecephys|lfp)$', '', stem)}_channels.tsv")
    if is_entry(own):
        return own
    return find_table(path, "channels", root_of(path) or path.parent) if parse(path) else None


def kinds_by_table(path: Path, channels: list[str], where: str) -> dict[str, str]:
    """What channels are by the BIDS table that belongs to a recording: empty for LFP, else what, or that it is bad.

    Raises
    ------
    InputError
        For a table that cannot be read, has no names, or whose status is none of BIDS's: a bad channel would be used.
    """
    table = channels_table(path)
    rows = read_tsv(table) if table is not None else []
    kinds: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        cells = {key.strip().lower(): value for key, value in row.items()}
        kind, status = cells.get("type", "").upper(), cells.get("status", "").lower()
        if not cells.get("name"):
            fault = "is empty" if "name" in cells else "is no column"
            raise InputError(f"{where}: {table.name}, line {line}: `name` {fault}; correct the table, or remove it")
        if status not in STATUS:
            raise InputError(
                f"{where}: {table.name}, line {line}: status of {cells['name']} is `{status}`; write good, bad or n/a"
            )
        for name in meant(cells["name"], channels):
            if status == "bad":
                kinds[name] = f"marked bad in {table.name}"
            elif kind not in ("", "N/A"):
                kinds[name] = "" if kind in BRAIN else f"{kind} by {table.name}"
    return kinds
