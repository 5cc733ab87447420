"""One Snakemake job: its log, its warnings, its provenance, and outputs that exist wholly or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import threadpoolctl

from ..derivatives import files, layout, placeholder
from ..errors import InputError
from ..recordings import fingerprint
from ..study.settings import digest
from . import atomic, doubts, lock, os_errors, provenance

NEED_A_SIDECAR = (".png", ".svg", ".html")  # what adapters write without one


class Job:
    """What an adapter works with: `input`, `output` (temporary paths), `settings`, `row`, and `info` for sidecars.

    Outputs are written into a temporary folder beside their destination and moved there when the job has succeeded and
    they are on the disk. What the machine refuses (a full disk, a folder that cannot be written, an input that is gone)
    stops the run with one sentence and is never taken for a bad recording.
    A recording that was excluded earlier passes through: the job leaves placeholders whose sidecars say why.

    Every sidecar says how its file came to be: rule, variant, versions, digest of the code, the settings that were
    read, and the inputs with their digests. Nothing in it depends on the machine, the folder or the time.
    """

    def __init__(self, snakemake):
        self._snakemake = snakemake
        self._log = Path(snakemake.log[0])
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._lines: list[str] = []
        self.input = snakemake.input
        self.settings = snakemake.params.get("settings", {})
        self.row = snakemake.params.get("row", {})
        self.seed = snakemake.params.get("seed", 0)
        self.threads = getattr(snakemake, "threads", 1)
        # Only the job of one recording can leave it out; where a group's job fails, nobody knows whose fault it is.
        strictness = getattr(snakemake, "config", {}).get("on_bad_recording", "stop")
        self._may_exclude = strictness != "stop" and not snakemake.params.get("gathers", False)
        self._on_doubtful = getattr(snakemake, "config", {}).get("on_doubtful", "exclude")
        self.where = self.row.get("where", "") if isinstance(self.row, dict) else ""
        final = {name: Path(path) for name, path in snakemake.output.items()}
        self._final = final
        records = {name: layout.of_path(path.as_posix()) for name, path in final.items() if path.suffix != ".json"}
        # Of the tables among the outputs, by name; a function where columns depend on bands or regions.
        self.columns = {name: record.columns for name, record in records.items() if record and record.columns}
        self.tables = {name: columns for name, columns in self.columns.items() if isinstance(columns, dict)}
        self._folders = {
            path.parent: path.parent / f"{atomic.PARTIAL}{snakemake.rule}-{path.name}" for path in final.values()
        }
        self.output = SimpleNamespace(**{name: str(self._folders[p.parent] / p.name) for name, p in final.items()})
        self._results = results_folder(self._log, final.values())
        self._places = provenance.Places(self._results, getattr(snakemake, "config", {}).get("study_folder"))
        self.info = self._origin()

    def _origin(self) -> dict:
        """What every sidecar of this job begins with."""
        job, places = self._snakemake, self._places
        read = provenance.portable(self.settings, places.study)
        if "input" in read and "input" in self.row:
            read["input"] = self.row["input"]  # columns of the sheet override the config
        raw = self._hashed_elsewhere()
        sources = {places.name(path): str(path) for path in job.input}
        return {
            "GeneratedBy": list(provenance.versions()),
            "Rule": job.rule,
            "Variant": job.wildcards.get("variant", ""),
            "CodeDigest": job.params.get("code", ""),
            "SettingsHash": digest(read),
            "Settings": read,
            "Seed": self.seed,
            "Sources": list(sources),
            # Raw recordings are hashed once, by the stage that reads them whole: `RawFiles`. The description of the
            # results says where they stand, and is the only input that does.
            "SourceDigests": {
                name: provenance.fingerprint(path, made_here=name.startswith(provenance.HERE))
                for name, path in sources.items()
                if path not in raw and Path(path).name != "dataset_description.json"
            },
        }

    def _hashed_elsewhere(self) -> set[str]:
        """Raw BOLD and LFP, and of what is opened beside the LFP what is large."""
        row = self.row if isinstance(self.row, dict) else {}
        lfp = row.get("lfp") if row.get("lfp") in list(self._snakemake.input) else None
        large = [str(file) for file in fingerprint.large_files(lfp)] if lfp else []
        return {str(path) for path in (row.get("bold"), row.get("lfp"), *large) if path}

    def raw_files(self, fingerprints: list[dict]) -> list[dict]:
        """Fingerprints of raw files by names that are the same wherever the study stands."""
        return [entry | {"Path": self._places.name(entry["Path"])} for entry in fingerprints]

    def _open(self) -> None:
        self._discard()
        for folder in self._folders.values():
            folder.mkdir(parents=True)

    def _discard(self) -> None:
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self):
        signal.signal(signal.SIGTERM, _end_by_signal)
        try:
            self._open()
        except OSError as error:
            self._discard()
            _stop_if_refused(self._snakemake, error, self._results)
            raise
        warnings.simplefilter("default")
        warnings.showwarning = lambda message, category, *rest: self.log(f"{category.__name__}: {message}")
        return self

    def log(self, text: str) -> None:
        """Write a line to the job's log."""
        self._lines.append(text)
        self._log.write_text("\n".join(self._lines) + "\n", encoding="utf-8")

    def progress(self, total: int, what: str):
        """A callback that logs each tenth of `total`."""
        step = max(1, total // 10)

        def report(done: int) -> None:
            if done % step == 0:
                self.log(f"{what}: {done} of {total}")

        return report

    def exclude(self, step: str, reason: str, kind: str = "unusable") -> None:
        """Leave this recording out from here on: placeholders whose sidecars give the reason, and no failure.

        `kind` is `unusable`, `criterion` or `doubtful`, as in `excluded.tsv`.
        """
        self.log(f"excluded at {step}: {reason}")
        self._open()
        content = {**self.info, "Excluded": {"Step": step, "Reason": reason, "Kind": kind}}
        told = {files.sidecar_path(path) for path in self._final.values() if path.suffix != ".json"}
        for name, path in self._final.items():
            if path not in told:
                placeholder.write(self._folders[path.parent] / path.name, self.tables.get(name), content)
        self._publish()

    def judge(self, found: list[dict]) -> dict:
        """What follows from doubts about this recording, for the sidecar of its files, which are written whole.

        Parameters
        ----------
        found : list of dict
            `Doubts` of the sidecar.

        Returns
        -------
        verdict : dict
            `Excluded` where a doubt is severe and `run.on_doubtful` is `exclude`: later jobs pass it on.

        Raises
        ------
        InputError
            Under `stop`, which fails the job whatever a bad recording does.
        """
        severe = doubts.severe(found)
        if not severe:
            if found:
                told = f"{self.where}: slight doubts ({doubts.names_of(found)}), in the sidecar and in doubts.tsv"
                print(f"\nNote: {told}\n", file=sys.stderr, flush=True)
            return {}
        reason = doubts.reason(severe)
        about = f"{self.where}: {reason}" if self.where else reason
        if self._on_doubtful == "stop":
            self._may_exclude = False
            raise InputError(f"{about}; run.on_doubtful is `stop`: correct what is wrong, or exclude it in the sheet")
        used = self._on_doubtful == "use"
        self.log(f"{'used though' if used else 'excluded at artefact:'} {reason}")
        print(f"\nWarning: {about} ({'used' if used else 'excluded'})\n", file=sys.stderr, flush=True)
        if used:
            return {}
        return {"Excluded": {"Step": self._snakemake.rule, "Reason": about, "Kind": doubts.KIND}}

    def _publish(self) -> None:
        """Move everything to its place; only whole files ever stand there."""
        for path in self._final.values():
            told = files.sidecar_path(self._folders[path.parent] / path.name)
            if path.suffix in NEED_A_SIDECAR and not told.exists():
                files.write_json(told, self.info)
            _name_function(path, told)
        atomic.publish(list(self._folders.values()))

    def __exit__(self, kind, error, trace):
        try:
            if kind is not None:
                self._discard()
                _stop_if_ended(self._snakemake, error)
                _stop_if_refused(self._snakemake, error, self._results)
            return self._leave(kind, error, trace)
        except OSError as refused:  # while an outcome was written
            self._discard()
            _stop_if_refused(self._snakemake, refused, self._results)
            raise
        except BaseException:
            self._discard()
            raise

    def _leave(self, kind, error, trace) -> bool:
        """Publish what succeeded; say why it did not, or exclude the recording."""
        if kind is None:
            self._publish()
            self.log("done")
            return False
        if isinstance(error, InputError):
            reason = str(error) if not self.where or self.where in str(error) else f"{self.where}: {error}"
            if self._may_exclude:
                self.exclude(self._snakemake.rule, reason)
                return True
            self.log(f"Error: {reason}")
            print(f"\nError in {self._snakemake.rule}: {reason}\n", file=sys.stderr, flush=True)
            sys.exit(1)
        self.log("".join(traceback.format_exception(kind, error, trace)))
        return False


def _name_function(path: Path, sidecar: Path) -> None:
    """Have a sidecar say which function computed its file, after the rule that called it."""
    record = layout.of_path(path.as_posix())
    content = files.read_json(sidecar) if record and record.function and sidecar.exists() else {}
    if "Rule" in content:
        keys = list(content)
        first = keys[: keys.index("Rule") + 1]
        named = {key: content[key] for key in first} | {"Function": record.dotted_function}
        files.write_json(sidecar, named | content)


def results_folder(log: Path, outputs) -> Path:
    """The results folder: logs stand in its folder `logs`, and every output stands in it."""
    above = [log.parents[i] for i in range(1, len(log.parents)) if log.parents[i - 1].name == "logs"]
    holds_all = (p for p in above if all(path.is_relative_to(p) for path in outputs))
    return next(holds_all, log.parent)


def one_thread_each() -> None:
    """Have BLAS and OpenMP compute with one thread, however many the rule was given.

    Snakemake sets their variables to the rule's threads, which are for channels or volumes beside each other; sums of
    two threads are rounded in another order. Libraries that are loaded already are told, and the others find it.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[name] = "1"
    threadpoolctl.threadpool_limits(1)


def start(snakemake) -> Job:
    """Begin a job; where one of its inputs was excluded earlier, pass that on and end here with success."""
    one_thread_each()
    log = Path(snakemake.log[0])
    results = results_folder(log, [Path(path) for _, path in snakemake.output.items()])
    try:
        lock.join(results)
        return _begun(snakemake)
    except OSError as error:
        _stop_if_refused(snakemake, error, results)
        raise
    except InputError as error:
        _stop(snakemake, str(error))


def _begun(snakemake) -> Job:
    job = Job(snakemake)
    excluded = next((why for path in snakemake.input if (why := files.exclusion(path))), None)
    if excluded and not snakemake.params.get("gathers", False):
        job.exclude(excluded["Step"], excluded["Reason"], excluded.get("Kind", "unusable"))
        sys.exit(0)
    return job


def _stop(snakemake, reason: str, code: int = 1) -> NoReturn:
    """End the job and with it the run, with one sentence on the screen and in the log."""
    # The log may be what cannot be written.
    with contextlib.suppress(OSError), Path(snakemake.log[0]).open("a", encoding="utf-8") as log:
        log.write(f"Error: {reason}\n")
    print(f"\nError in {snakemake.rule}: {reason}\n", file=sys.stderr, flush=True)
    sys.exit(code)


def _stop_if_refused(snakemake, error: BaseException | None, results) -> None:
    """Stop where an error, or what caused it, is one of the machine: an input that is gone, a full disk, and so on."""
    gone = os_errors.missing_input(snakemake.input)
    if gone:
        _stop(snakemake, gone)
    while error is not None:
        if isinstance(error, OSError) and (reason := os_errors.os_error_message(error, results)):
            _stop(snakemake, reason)
        error = error.__cause__ or error.__context__


def _stop_if_ended(snakemake, error: BaseException) -> None:
    """Stop where the job was interrupted or terminated."""
    if isinstance(error, KeyboardInterrupt | _Ended):
        how = "interrupted (Ctrl-C)" if isinstance(error, KeyboardInterrupt) else "terminated (SIGTERM)"
        _stop(snakemake, f"was {how}; to go on, {os_errors.AGAIN}", code=getattr(error, "code", 130))


class _Ended(SystemExit):
    """SIGTERM, by which batch systems and shutdowns end a process."""


def _end_by_signal(number, _) -> NoReturn:
    raise _Ended(128 + number)
