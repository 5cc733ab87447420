"""Finds what is wrong with a study in seconds, before anything is run."""

from __future__ import annotations

import difflib
from typing import NamedTuple

import numpy as np

from .. import recordings
from ..bold.cleaning import require_band
from ..bold.motion import same_grid, scale_to
from ..errors import InputError
from ..hemodynamics.hrf import spm_hrf
from ..recordings import events
from ..study import selection, sheet
from ..study import settings as config
from ..timing.clock import acquisition_times
from . import atlas
from .artefact.stated import volumes_needed

BLOCKS = 5  # seconds of each channel that are looked at


class CheckResult(NamedTuple):
    """What `study` returns: see there."""

    settings: dict
    rows: list[dict]
    problems: list[str]
    bad: list[dict]
    of_all: list[str]


def study(files=(), overrides: dict | None = None) -> CheckResult:
    """Settings, rows and every problem of a study.

    Parameters
    ----------
    files : sequence of path
        Configuration files, as for `settings.load`.
    overrides : dict, optional

    Returns
    -------
    settings : dict
    rows : list of dict
        Rows of the sheet; empty where it cannot be read.
    problems : list of str
        One sentence each; empty where nothing is wrong.
    bad : list of dict
        Rows that a problem of their own keeps from being used.
    of_all : list of str
        Those of the problems that concern every recording, so that nothing can be run.
    """
    try:
        settings = config.load(files, overrides)
        rows = selection.marked(sheet.read(settings["recordings"], settings), settings)
    except InputError as error:
        return CheckResult({}, [], [str(error)], [], [str(error)])
    of_all, of_recordings = problems_of_all(settings, rows), list(problems_of_recordings(settings, rows))
    problems = dict.fromkeys([*of_all, *(problem for _, found in of_recordings for problem in found)])
    return CheckResult(settings, rows, list(problems), [row for row, found in of_recordings if found], of_all)


def problems_of(settings: dict, rows: list[dict]) -> list[str]:
    """Every problem of a study whose settings and sheet are readable, one sentence each."""
    of_recordings = (problem for _, found in problems_of_recordings(settings, rows) for problem in found)
    return list(dict.fromkeys([*problems_of_all(settings, rows), *of_recordings]))


def problems_of_all(settings: dict, rows: list[dict]) -> list[str]:
    """What is wrong with the atlas or the settings, which concerns every recording."""
    raw = any(row["input"]["bold_stage"] != "clean" for row in rows if not row["exclude"])
    found = [p for name in settings["variants"] for p in atlas_problems(config.variant(settings, name), raw)]
    found += _contrast_problems(settings, rows)
    return list(dict.fromkeys(found))


def problems_of_recordings(settings: dict, rows: list[dict]):
    """Each row that is to be analysed with what is wrong with it, one by one."""
    seen: dict = {}
    for row in rows:
        if not row["exclude"]:
            yield row, _row_problems(row, settings, seen)


def why_not(settings: dict, rows: list[dict]) -> str:
    """Why a run must not begin, in one sentence; empty where it may.

    Under `stop` that is the first problem of any kind. Otherwise what is wrong with one recording excludes it when
    its turn comes, so that recordings are looked at only until one is found that can be used: where there is none the
    fault is likely one of the settings, and hours would end in empty tables.
    """
    if found := problems_of_all(settings, rows):
        return found[0]
    stops, first, looked_at = settings["run"]["on_bad_recording"] == "stop", "", 0
    for _, found in problems_of_recordings(settings, rows):
        if stops and found:
            return found[0]
        if not stops and not found:
            return ""
        first, looked_at = first or next(iter(found), ""), looked_at + 1
    others = f" ({looked_at} recordings have a problem; `lfpbold check` names all)" if looked_at > 1 else ""
    return f"no recording can be used: {first}{others}" if first else ""


def _collect(function, *arguments) -> tuple[object, list[str]]:
    try:
        return function(*arguments), []
    except InputError as error:
        return None, [str(error)]


def atlas_problems(settings: dict, cleans: bool = True) -> list[str]:
    """Masks that are missing or of another grid, and seeds outside the brain; `cleans`: some BOLD is to be cleaned."""
    found, images = [], {}
    for name, path in settings["atlas"].items():
        if path:
            images[name], problem = _collect(atlas.open_image, path, f"atlas.{name}")
            found += problem
    brain = images.get("brain")
    for name, image in images.items():
        if brain and image and not same_grid(image[0].shape, image[1], brain):
            found.append(
                f"atlas.{name} differs in grid or affine ({image[0].shape}) from atlas.brain ({brain[0].shape});"
                " bring both onto one grid"
            )
    for name in ("white_matter", "ventricles"):
        if cleans and settings["bold"][name] and not settings["atlas"][name]:
            found.append(f"bold.{name} is on but atlas.{name} is not set; name a mask image or turn bold.{name} off")
    if brain and not found:
        for site in settings["sites"]:
            found += _collect(atlas.open_seed, site, settings, brain[0] > 0, brain[1])[1]
    found += _collect(spm_hrf, 0.1, settings["hrf"]["p"])[1]
    return found


def _row_problems(row: dict, settings: dict, seen: dict) -> list[str]:
    """Problems of one row; a BOLD file that several rows share is opened once, and its problems are those of each."""
    if row["bold"] not in seen:
        bold, found = _collect(recordings.open_bold, row["bold"], row["input"], row["where"])
        seen[row["bold"]] = bold, found + (_bold_problems(bold, row, settings) if bold else [])
    bold, found = seen[row["bold"]][0], list(seen[row["bold"]][1])
    lfp, problem = _collect(recordings.open_lfp, row["lfp"], row["input"], row["channels"], row["where"])
    found += problem
    if lfp and bold:
        found += _collect(volumes_needed, lfp, bold, row, settings["artefact"])[1]
    if lfp:
        found += _collect(_look_at_samples, lfp, row)[1]
        found += _rate_problems(lfp, row, settings)
    return found


def _contrast_problems(settings: dict, rows: list[dict]) -> list[str]:
    """Contrasts that name a trial type of no run."""
    driven = [row for row in rows if row["events"] and not row["exclude"]]
    kinds = {kind for row in driven for kind in events.trial_types(row["events"], row["task"])}
    found = []
    for variant in settings["variants"] if driven else ():
        for name, weights in config.variant(settings, variant)["evoked"]["contrasts"].items():
            unknown = [kind for kind in weights if kind not in kinds]
            if unknown:
                near = difflib.get_close_matches(unknown[0], kinds, n=1, cutoff=0.5)
                hint = f"did you mean `{near[0]}`?" if near else f"trial types are {', '.join(sorted(kinds))}"
                found.append(f"evoked.contrasts.{name} names `{unknown[0]}`, which is no trial_type of any run; {hint}")
    return found


def _bold_problems(bold, row, settings) -> list[str]:
    found = _collect(bold.read, bold.n_volumes - 1, bold.n_volumes)[1]
    if not bold.holds_integers and not found:
        bad = next((v for v in range(bold.n_volumes) if not np.isfinite(bold.read(v, v + 1)).all()), None)
        if bad is not None:
            found.append(
                f"{row['where']}: volume {bad} of {row['bold']} contains NaN or infinity; repair or exclude this run"
            )
    if bold.slice_times_s is not None and row["input"]["bold_stage"] == "raw":
        found += [f"{row['where']}: {p}" for p in _collect(acquisition_times, bold.slice_times_s, bold.tr_s)[1]]
    if row["events"]:
        found += _collect(events.of_row, row, bold.n_volumes, bold.tr_s)[1]
    for name in settings["variants"]:
        changed = config.variant(settings, name)
        if row["input"]["bold_stage"] != "clean":
            band, order = changed["bold"]["band_pass_hz"], changed["bold"]["filter_order"]
            found += [f"{row['where']}: {p}" for p in _collect(require_band, bold.n_volumes, bold.tr_s, band, order)[1]]
        found += _grid_problems(bold, row, changed)
    return found


def _grid_problems(bold, row, settings) -> list[str]:
    if not settings["atlas"]["brain"]:
        return []
    brain, problem = _collect(atlas.open_image, settings["atlas"]["brain"], "atlas.brain")
    if brain and (scale := scale_to(bold.shape, bold.affine, (brain[0].shape, brain[1]))):
        return [
            f"{row['where']}: {row['bold']} is {1 / scale:g} times as large as atlas.brain by its header; set"
            f" bold_voxel_scale to {scale * row['input']['bold_voxel_scale']:g}, or correct the header that is wrong"
        ]
    raw = row["input"]["bold_stage"] == "raw"
    will_register = raw and settings["motion"]["registration"] not in ("none",) and settings["atlas"]["anatomy"]
    if problem or will_register or same_grid(bold.shape, bold.affine, brain):
        return []
    way_out = "name atlas.anatomy and let motion.registration be affine" if raw else "resample it to the atlas"
    return [
        f"{row['where']}: the grid of {row['bold']} {bold.shape} is not that of atlas.brain {brain[0].shape}; {way_out}"
    ]


def _rate_problems(lfp, row, settings) -> list[str]:
    if row["input"]["lfp_stage"] == "power":
        return []
    return [
        f"{row['where']}: the band {name} reaches {high:g} Hz, above the Nyquist frequency {lfp.fs_hz / 2:g} Hz of the"
        " recording; lower the band in `bands`"
        for name, (_, high) in settings["bands"].items()
        if high > lfp.fs_hz / 2
    ]


def _look_at_samples(lfp, row) -> None:
    """Look at a few seconds of each channel: numbers, and changing ones."""
    second = max(2, min(lfp.n_samples // BLOCKS, round(lfp.fs_hz)))
    starts = np.linspace(0, lfp.n_samples - second, BLOCKS).astype(int)
    for position, channel in enumerate(lfp.channels):
        samples = np.concatenate([lfp.read(position, begin, begin + second) for begin in starts])
        recordings.check_samples(samples, channel, f"{row['where']}: {row['lfp']}")
