"""Finds what is wrong with a study in seconds, before anything is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .. import recordings
from ..bold.cleaning import require_band
from ..bold.motion import same_grid, scale_to
from ..errors import Doubt, InputError
from ..hemodynamics.hrf import spm_hrf
from ..recordings import events
from ..study import selection, sheet
from ..study import settings as config
from ..study.suggestion import suggestion
from ..timing.clock import acquisition_times
from . import atlas
from .artefact.clock import require_coverage
from .artefact.mains import STATED, missed_mains
from .bold import require_no_smoothing
from .same_data import Stretches, same_files
from .volumes import look_at_volumes

BLOCKS = 5  # of one second each, of each channel that is checked


class CheckResult(NamedTuple):
    """What `check_study` returns: see there."""

    settings: dict
    rows: list[dict]
    problems: list[str]
    bad: list[dict]
    of_all: list[str]
    notes: dict[str, list[str]] = {}  # noqa: RUF012 - of a tuple, and never changed
    understood: list = []  # noqa: RUF012


def check_study(files=(), overrides: dict | None = None, log: Callable | None = None) -> CheckResult:
    """Settings, rows and every problem of a study.

    Parameters
    ----------
    files : sequence of path
        Configuration files, as for `settings.load`.
    overrides : dict, optional
    log : callable, optional
        Called with a line about each recording before it is looked at.

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
    notes : dict of str to list of str
        What is no problem but worth knowing of how files were read, and the rows that it is about.
    understood : list of lfpbold.pipeline.understood.Understood
        What each recording is taken for, of those that can be opened.
    """
    try:
        settings = config.load(files, overrides)
        rows = selection.mark_excluded(sheet.read_sheet(settings["recordings"], settings), settings)
    except InputError as error:
        return CheckResult({}, [], [str(error)], [], [str(error)])
    return check(settings, rows, log)


def check(settings: dict, rows: list[dict], log: Callable | None = None) -> CheckResult:
    """The same of a study whose settings and sheet are readable."""
    notes: dict[str, list[str]] = {}
    for name in settings["variants"]:
        for note in atlas.notes(config.variant(settings, name)):
            notes.setdefault(note, [])
    understood: list = []
    of_all = study_problems(settings, rows)
    of_recordings = list(recording_problems(settings, rows, notes, understood, log))
    problems = dict.fromkeys([*of_all, *(problem for _, of_row in of_recordings for problem in of_row)])
    bad = [row for row, of_row in of_recordings if of_row]
    return CheckResult(settings, rows, list(problems), bad, of_all, notes, understood)


def study_problems(settings: dict, rows: list[dict]) -> list[str]:
    """What is wrong with the atlas, the settings or the sheet, which concerns every recording."""
    raw = any(row["input"]["bold_stage"] != "clean" for row in rows if not row["exclude"])
    problems = [p for name in settings["variants"] for p in atlas_problems(config.variant(settings, name), raw)]
    return list(dict.fromkeys([*problems, *same_files(rows), *_contrast_problems(settings, rows)]))


def recording_problems(settings: dict, rows: list[dict], notes=None, understood=None, log: Callable | None = None):
    """Each row that is to be analysed with what is wrong with it, one by one.

    `notes`, if given, are added to; so is `understood`, for which samples and artefact are looked at, a second or so
    each.
    """
    seen: dict = {}
    notes = {} if notes is None else notes
    used = [row for row in rows if not row["exclude"]]
    for number, row in enumerate(used, 1):
        if log:
            log(f"recording {number} of {len(used)}")
        yield row, _row_problems(row, settings, seen, notes, understood)


def first_problem(settings: dict, rows: list[dict]) -> str:
    """Why a run must not begin, in one sentence; empty where it may.

    Under `stop` that is the first problem of any kind. Otherwise what is wrong with one recording excludes it when
    its turn comes, so that recordings are checked only until one is found that can be used: where there is none the
    fault is likely one of the settings, and hours would end in empty tables.
    """
    if problems := study_problems(settings, rows):
        return problems[0]
    stops, first, n_checked = settings["run"]["on_bad_recording"] == "stop", "", 0
    for _, problems in recording_problems(settings, rows, understood=[] if stops else None):
        if stops and problems:
            return problems[0]
        if not stops and not problems:
            return ""
        first, n_checked = first or next(iter(problems), ""), n_checked + 1
    others = f" ({n_checked} recordings have a problem; `lfpbold check` names all)" if n_checked > 1 else ""
    return f"no recording can be used: {first}{others}" if first else ""


def _collect(function, *arguments) -> tuple[object, list[str]]:
    try:
        return function(*arguments), []
    except InputError as error:
        return None, [str(error)]


def atlas_problems(settings: dict, cleans: bool = True) -> list[str]:
    """Masks that are missing or of another grid, and seeds outside the brain; `cleans`: some BOLD is to be cleaned."""
    problems, images = [], {}
    for name, path in settings["atlas"].items():
        if path:
            images[name], problem = _collect(atlas.open_named, name, path)
            problems += problem
    brain = images.get("brain")
    for name, image in images.items():
        if brain and image and not same_grid(image[0].shape, image[1], brain[:2]):
            problems.append(
                f"atlas.{name} differs in grid or affine ({image[0].shape}) from atlas.brain ({brain[0].shape});"
                " bring both onto one grid"
            )
    for name in ("white_matter", "ventricles"):
        if cleans and settings["bold"][name] and not settings["atlas"][name]:
            problems.append(f"bold.{name} is on but atlas.{name} is not set; name a mask image or turn bold.{name} off")
    if brain and not problems:
        for site in settings["sites"]:
            problems += _collect(atlas.open_seed, site, settings, brain[0] > 0, brain[1])[1]
    problems += _collect(spm_hrf, 0.1, settings["hrf"]["p"])[1]
    return problems


def _row_problems(row: dict, settings: dict, seen: dict, notes: dict[str, list[str]], understood) -> list[str]:
    """Problems of one row; a BOLD file that several rows share is opened once, and its problems are those of each."""
    if row["bold"] not in seen:
        bold, problems = _collect(recordings.open_configured_bold, row["bold"], row["input"], row["where"])
        seen[row["bold"]] = bold, problems + (_bold_problems(bold, row, settings, notes) if bold else [])
    bold, problems = seen[row["bold"]][0], list(seen[row["bold"]][1])
    lfp, problem = _collect(recordings.open_configured_lfp, row["lfp"], row["input"], row["channels"], row["where"])
    problems += problem
    if lfp and bold:
        problems += _scan_problems(row, lfp, bold, settings, seen, notes, understood, checked=not problems)
    if lfp:
        problems += _collect(_check_samples, lfp, row)[1]
        problems += _rate_problems(lfp, row, settings)
        if row["input"]["lfp_stage"] == "raw":
            for note in missed_mains(lfp.mains_hz, settings["artefact"]["notch_hz"], STATED):
                notes.setdefault(note, []).append(row["where"])
        for note in lfp.notes:
            notes.setdefault(note, []).append(row["where"])
    return problems


def _scan_problems(row, lfp, bold, settings, seen, notes, understood, checked: bool) -> list[str]:
    """Problems of a scan in its recording; its samples are looked at where nothing else is wrong (`checked`)."""
    told = None
    clock, problems = _collect(require_coverage, lfp, bold, row, settings["artefact"])
    if clock and understood is not None:
        from .understood import understand  # which imports the science

        found, problem = _collect(understand, row, lfp, bold, clock, settings, seen.setdefault("seeds", {}))
        problems += problem
        if found:
            told, clock = found
            understood.append(told)
    if clock:
        doubted = _in_doubt(clock, row, settings)
        problems += doubted
        for note in clock.notes:
            if not (doubted and isinstance(note, Doubt) and note.severe):
                notes.setdefault(note, []).append(row["where"])
    for hz in (told.mains_hz if told else None) or ():
        for note in missed_mains(hz, settings["artefact"]["notch_hz"], "mains is seen at"):
            notes.setdefault(note, []).append(row["where"])
    if clock and understood is not None and checked and not problems:
        from .samples import look_at_samples

        of_samples, problem = _collect(look_at_samples, lfp, clock, row, settings["artefact"])
        problems += [f"{row['where']}: {p}" for p in problem]
        notes.update({note: [] for note in of_samples or ()})
    return problems + seen.setdefault("stretches", Stretches()).problem(row, lfp, bold)


def _in_doubt(clock, row: dict, settings: dict) -> list[str]:
    """Doubts about the clock for which the run would not use a recording."""
    if settings["run"]["on_doubtful"] == "use":
        return []
    severe = [note for note in clock.notes if isinstance(note, Doubt) and note.severe]
    return [f"{row['where']}: in doubt ({note.name}): {note}" for note in severe]


def _contrast_problems(settings: dict, rows: list[dict]) -> list[str]:
    """Contrasts that name a trial type of no run."""
    driven = [row for row in rows if row["events"] and not row["exclude"]]
    kinds = {kind for row in driven for kind in events.trial_types(row["events"], row["task"])}
    problems = []
    for variant in settings["variants"] if driven else ():
        for name, weights in config.variant(settings, variant)["evoked"]["contrasts"].items():
            unknown = [kind for kind in weights if kind not in kinds]
            if unknown:
                hint = suggestion(unknown[0], sorted(kinds), "trial types are {known}")
                problems.append(
                    f"evoked.contrasts.{name} names `{unknown[0]}`, which is no trial_type of any run; {hint}"
                )
    return problems


def _bold_problems(bold, row, settings, notes) -> list[str]:
    problems = _collect(bold.read, bold.n_volumes - 1, bold.n_volumes)[1]
    for note in bold.notes:
        notes.setdefault(note, []).append(row["where"])
    if not bold.holds_integers and not problems:
        bad = next((v for v in range(bold.n_volumes) if not np.isfinite(bold.read(v, v + 1)).all()), None)
        if bad is not None:
            problems.append(
                f"{row['where']}: volume {bad} of {row['bold']} contains NaN or infinity; repair or exclude this run"
            )
    if not problems:
        found, problems = _collect(look_at_volumes, bold, row, settings)
        for note in found or ():
            notes.setdefault(note, [])
    if bold.slice_times_s is not None and row["input"]["bold_stage"] == "raw":
        problems += [f"{row['where']}: {p}" for p in _collect(acquisition_times, bold.slice_times_s, bold.tr_s)[1]]
    if row["events"]:
        problems += _collect(events.row_events, row, bold.n_volumes, bold.tr_s)[1]
    for name in settings["variants"]:
        changed = config.variant(settings, name)
        if row["input"]["bold_stage"] != "clean":
            if bold.is_list:
                problems += [f"{row['where']}: {p}" for p in _collect(require_no_smoothing, changed["bold"])[1]]
            band, order = changed["bold"]["band_pass_hz"], changed["bold"]["filter_order"]
            problems += [
                f"{row['where']}: {p}" for p in _collect(require_band, bold.n_volumes, bold.tr_s, band, order)[1]
            ]
        problems += _grid_problems(bold, row, changed)
    return problems


def _grid_problems(bold, row, settings) -> list[str]:
    if not settings["atlas"]["brain"]:
        return _seed_problems(bold, row, settings)
    opened, problem = _collect(atlas.open_mask, settings["atlas"]["brain"], "atlas.brain")
    brain = opened[:2] if opened else None
    bold = atlas.in_atlas_space(bold, brain, row["input"]["bold_stage"])
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


def _seed_problems(bold, row, settings) -> list[str]:
    """Without a mask of the brain: whether the seed lies in the image, where its grid is the one of the maps."""
    raw, site = row["input"]["bold_stage"] == "raw", settings["sites"].get(row["site"], {})
    if "seed_mm" not in site or not bold.placed or (raw and settings["atlas"]["anatomy"]):
        return []
    everywhere = np.ones(bold.shape, dtype=bool)
    return [
        f"{row['where']}: {p}" for p in _collect(atlas.open_seed, row["site"], settings, everywhere, bold.affine)[1]
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


def _check_samples(lfp, row) -> None:
    """A few seconds of each channel: finite numbers that change."""
    second = max(2, min(lfp.n_samples // BLOCKS, round(lfp.fs_hz)))
    starts = np.linspace(0, lfp.n_samples - second, BLOCKS).astype(int)
    for position, channel in enumerate(lfp.channels):
        samples = np.concatenate([lfp.read(position, begin, begin + second) for begin in starts])
        recordings.check_samples(samples, channel, f"{row['where']}: {row['lfp']}", row["input"]["lfp_stage"])
