"""What a hand or a spreadsheet does to names of columns, to labels and to cells."""

from __future__ import annotations

import difflib
import re

from ..errors import InputError

INVISIBLE = "\ufeff\u200b\u2060"  # at the ends of a cell, besides blanks of every kind
EMPTY = {"", "n/a", "na", "<na>", "nan", "null", "none", "nil", "-", "--", "–", "—", ".", "#n/a"}
NO = {*EMPTY, "no", "n", "false", "f", "0", "0.0", "nein", "non", "falsch", "faux", "not excluded"}
NO |= {"not", "nope", "keep", "kept", "include", "included", "use", "used", "ok", "okay", "good"}
YES = {"yes", "y", "true", "t", "1", "1.0", "x", "ja", "oui", "si", "wahr", "vrai", "exclude", "excluded"}
SHEET_ERRORS = {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
QUOTES = ("“”", "„“", "‘’", "‚‘", "«»", "´´", "``")
UNITS = {"s", "sec", "secs", "second", "seconds", "ms", "hz", "khz", "uv", "µv", "mm"}
# Words that name the same thing when they follow a column's name; any other makes it the user's own.
SAME_THING = {
    "name",
    "names",
    "channel",
    "line",
    "file",
    "path",
    "factor",
    "label",
    "reason",
    "because",
    "why",
    "value",
    "number",
    "nr",
}
OTHER_NAMES = {
    "exclude": (
        "reason_for_exclusion",
        "is_excluded",
        "to_exclude",
        "omit",
        "skip",
        "ignore",
        "discard",
        "drop",
        "bad",
        "is_bad",
        "reject",
        "rejected",
        "include",
        "included",
        "is_included",
        "use",
        "usable",
        "keep",
    ),
    "dummy_volumes": (
        "dummy",
        "dummies",
        "n_dummies",
        "dummy_scans",
        "dummy_scan",
        "n_dummy_volumes",
        "n_dummy",
        "discard_volumes",
        "discarded_volumes",
        "n_discard",
        "skip_volumes",
        "drop_volumes",
    ),
    "scan_start_s": (
        "scan_onset",
        "scan_onset_s",
        "scan_start_time",
        "start_s",
        "onset_s",
        "offset_s",
        "scan_offset",
        "scan_offset_s",
        "lfp_offset_s",
        "bold_start_s",
        "mri_start_s",
        "fmri_start_s",
    ),
    "trigger": ("trig", "trigs", "ttl", "lfp_trigger", "scanner_trigger", "volume_trigger", "trigger_event"),
    "tr_s": ("repetition_time", "repetition_time_s", "tr_ms", "bold_tr", "bold_tr_s"),
    "lfp_fs_hz": (
        "fs",
        "fs_hz",
        "sampling_rate",
        "sampling_rate_hz",
        "sampling_frequency",
        "sampling_frequency_hz",
        "sample_rate",
        "sample_rate_hz",
        "srate",
    ),
    "channels": ("ch", "chs", "chan", "chans", "lfp_channel", "lfp_channels", "good_channels"),
    "lfp_time_axis": ("lfp_axis",),
    "bold_time_axis": ("bold_axis",),
    "task": ("tsk", "task_label"),
}
NEAR, NEAR_SHORT = 0.8, 0.9  # similarity of names that are meant for one another; of those of a few letters


def trimmed(text: str | None) -> str:
    """A cell without the blanks, of whatever kind, and the invisible marks at its ends."""
    text = text or ""
    while (shorter := text.strip().strip(INVISIBLE)) != text:
        text = shorter
    return text


def is_empty(text: str) -> bool:
    """Whether a cell says that there is nothing, as people, R, pandas and spreadsheets write it."""
    return text.casefold() in EMPTY


def exclusion(text: str, where: str) -> str:
    """The reason for which a row is excluded; empty where the cell says that it is not.

    Raises
    ------
    InputError
        When it says neither.
    """
    word = text.casefold()
    word = word if word in NO else (word.rstrip(".").replace("n.a", "na") or word)
    if word in NO:
        return ""
    # `no signal` is a reason; `no (checked)` and `0, good` say at once that there is one and that there is none.
    unsaid = not any(letter.isalpha() for letter in text) and word not in YES  # `?`, `2`
    if unsaid or re.match(r"(no|n|0|false)\s*[(,:;/]", word):
        raise InputError(f"{where}: exclude is `{text}`; write the reason of the exclusion, or leave it empty")
    return f"marked in the sheet ({text})" if word in YES else text


def require_typed(cells: dict, names, where: str) -> None:
    """Refuse cells that hold an error of the spreadsheet, or typographic quotes."""
    for name in names:
        text = cells.get(name, "")
        if text.upper() in SHEET_ERRORS:
            raise InputError(f"{where}: {name} is `{text}`, an error of the spreadsheet; correct the formula there")
        if len(text) > 1 and any(text[0] == pair[0] and text[-1] == pair[-1] for pair in QUOTES):
            raise InputError(f"{where}: {name} is `{text}`, in typographic quotes; write it without them")


def number_hint(text: str) -> str:
    """How a number is to be written that was not understood; empty where that is not known."""
    if re.fullmatch(r"[-+−]?\d*,\d+|[-+−]?\d{1,3}(\.\d{3})+,\d+", text):
        return f"; write it with a point, as {text.replace('.', '').replace(',', '.').replace('−', '-')}"
    if unit := re.fullmatch(r"([-+]?\d*\.?\d+)\s*[A-Za-zµ%]+", text):
        return f"; write it without a unit, as {unit[1]}"
    return ""


def number(text: str) -> float:
    """A number as computers write it; NaN for anything else."""
    if not text.isascii() or "_" in text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return float("nan")


def without_leading_zeros(label: str) -> str:
    """A label as it is when numbers in it lose their leading zeros, in lower case: `rat01` is `rat1`."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", label.lower())


def canonical(name: str) -> str:
    """The name of a column in lower case with underscores, whatever hand wrote it.

    Examples
    --------
    >>> [canonical(name) for name in ("lfpFsHz", " Scan start (s)", "dummy-volumes", "Exclude?")]
    ['lfp_fs_hz', 'scan_start_s', 'dummy_volumes', 'exclude']
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", trimmed(name))
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()


def _base(name: str) -> str:
    """A canonical name without its unit."""
    words = name.split("_")
    while len(words) > 1 and words[-1] in UNITS:
        words.pop()
    return "_".join(words)


def meant_column(column: str, known, optional) -> str:
    """The known column for which this one is likely meant; empty where it is the user's own.

    Parameters
    ----------
    column : str
        As it stands in the header, not a known name.
    known : sequence of str
        All names that mean something.
    optional : sequence of str
        Those of which it would not be noticed that they are missing.
    """
    name = canonical(column)
    squashed = {name.replace("_", ""), _base(name).replace("_", "")}
    for other in known:
        same = {other.replace("_", "")}
        if other in optional:
            same |= {_base(other).replace("_", "")}
        if squashed & same:
            return other
    if (name == "excl" or name.startswith(("exclud", "exclus"))) and "exclude" in optional:
        return "exclude"
    if synonym := next((other for other in optional if name in OTHER_NAMES.get(other, ())), ""):
        return synonym
    for other in optional:
        base = _base(other)
        if base in (f"{_base(name)}s", _base(name).removesuffix("s")):
            return other
        for stem in {other, base, base.removesuffix("s")}:
            if name.startswith(f"{stem}_"):
                rest = name.removeprefix(f"{stem}_").split("_")
                if set(rest) & SAME_THING or set(rest) <= UNITS:
                    return other
    # `bad_channels`, `trigger_ok`, `n_channels` are about a known column, and others.
    if any(name.startswith(f"{_base(other)}_") or name.endswith(f"_{other}") for other in optional):
        return ""
    scored = [(_similarity(name, other), other) for other in optional]
    best, other = max(scored, default=(0, ""))
    return other if best >= (NEAR if len(name) > 4 else NEAR_SHORT) else ""


def _similarity(name: str, other: str) -> float:
    pairs = ((name, other), (_base(name), _base(other)))
    return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs)
