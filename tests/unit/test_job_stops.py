"""A job leaves everything or nothing, and says in one sentence what the machine refused."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from lfpbold.derivatives import files
from lfpbold.errors import InputError
from lfpbold.workflow import atomic, job
from lfpbold.workflow import lock as at_work


class Named(SimpleNamespace):
    """Snakemake's lists of files and values: by name, in their order."""

    def __iter__(self):
        return iter(vars(self).values())

    def items(self):
        return vars(self).items()

    def get(self, name, default=None):
        return vars(self).get(name, default)


@pytest.fixture(autouse=True)
def as_before():
    """What a job changes in its process, which ends with it, and what a run leaves to its jobs."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)
    os.environ.pop(at_work.RUN, None)


@pytest.fixture
def asked(tmp_path):
    """What Snakemake hands to a job with one input and three outputs in two folders."""
    (tmp_path / "raw.txt").write_text("raw", encoding="utf-8")
    results = tmp_path / "results"
    return SimpleNamespace(
        rule="hrf",
        log=[str(results / "logs" / "reference" / "hrf" / "one.log")],
        input=Named(raw=str(tmp_path / "raw.txt")),
        output=Named(
            table=str(results / "reference" / "a" / "x.tsv"),
            picture=str(results / "reference" / "a" / "x_figure.png"),
            other=str(results / "reference" / "b" / "y.tsv"),
        ),
        params=Named(settings={}, row={}, seed=0),
        wildcards=Named(variant="reference"),
        config={"on_bad_recording": "exclude"},
    )


def work(asked, error: BaseException | None = None) -> None:
    """A job that writes all, and may fail after the first."""
    with job.start(asked) as step:
        files.write_table(step.output.table, [{"a": 1}], {"a": ("a", "")}, info=step.info)
        if error:
            raise error
        Path(step.output.picture).write_bytes(b"picture")
        files.write_table(step.output.other, [{"a": 2}], {"a": ("a", "")}, info=step.info)


def left(asked) -> set[str]:
    """Names of everything in the results folder, logs aside."""
    results = Path(asked.log[0]).parents[3]
    found = (path.relative_to(results) for path in results.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if path.parts[0] != "logs"}


def stopped(asked, error, capsys) -> str:
    """The one sentence that a job ends with, which its log holds as well."""
    with pytest.raises(SystemExit) as ended:
        work(asked, error)
    assert ended.value.code
    assert not left(asked)
    (sentence,) = [line for line in capsys.readouterr().err.splitlines() if line]
    assert sentence.removeprefix("Error in hrf: ") in Path(asked.log[0]).read_text(encoding="utf-8")
    return sentence


def caused(outer: Exception, inner: Exception) -> Exception:
    """An error as a reader of recordings raises it, whose cause is one of the system."""
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "culprit", "way_out"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", "make room"),
        (OSError("1200 requested and 17 written"), "the disk is full", "make room"),  # as NumPy says it
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the quota is used up", "make room"),
        (OSError(errno.EROFS, "Read-only", "RESULTS/z"), "the file system is read-only", "--config results=FOLDER"),
        (OSError(errno.ENOENT, "No such file", "RESULTS/z"), "is missing from the results", "--forcerun"),
        (PermissionError(errno.EACCES, "denied", "/elsewhere/z"), "/elsewhere/z: cannot be read", "permit it"),
        (OSError(errno.EIO, "I/O error", "/net/z"), "/net/z: the disk or network drive", "check the drive"),
        (OSError(errno.EMFILE, "too many", "/net/z"), "too many files are open", "ulimit -n"),
        (
            caused(InputError("z: is damaged"), OSError(errno.EIO, "I/O error")),
            "network drive reports",
            "check the drive",
        ),
    ],
    ids=[
        "full",
        "full, by NumPy",
        "quota",
        "read-only",
        "missing",
        "denied",
        "broken",
        "too many",
        "broken while reading",
    ],
)
def test_what_the_machine_refuses_is_one_sentence_and_excludes_nothing(asked, capsys, error, culprit, way_out):
    results = str(Path(asked.log[0]).parents[3])
    if isinstance(error, OSError) and error.filename:
        error.filename = error.filename.replace("RESULTS", results)
    sentence = stopped(asked, error, capsys)
    assert culprit in sentence and way_out in sentence and "the same command" in sentence


def test_an_input_that_vanishes_stops_the_run_even_where_bad_recordings_are_excluded(asked, capsys):
    raw = Path(asked.input.raw)
    raw.unlink()
    sentence = stopped(asked, None, capsys)
    assert str(raw) in sentence and "disappeared during the run; put it back" in sentence


def test_an_input_that_vanishes_while_it_is_read(asked, capsys, monkeypatch):
    raw = Path(asked.input.raw)
    begun = job._begun
    monkeypatch.setattr(job, "_begun", lambda asked: (begun(asked), raw.unlink())[0])
    sentence = stopped(asked, InputError(f"{raw}: is damaged or cut short"), capsys)
    assert str(raw) in sentence and "disappeared during the run; put it back" in sentence


def test_a_bad_recording_is_still_excluded_and_a_fault_of_the_program_still_shown(asked):
    work(asked, InputError("raw.txt: is no recording"))
    assert "is no recording" in files.read_json(Path(asked.output.table).with_suffix(".json"))["Excluded"]["Reason"]
    for fault in (ZeroDivisionError("division by zero"), FileNotFoundError(errno.ENOENT, "no file", "own/slip")):
        with pytest.raises(type(fault)):
            work(asked, fault)
        assert "Traceback" in Path(asked.log[0]).read_text(encoding="utf-8")


def test_a_job_that_is_told_to_end_leaves_nothing(asked, capsys):
    with pytest.raises(SystemExit) as ended, job.start(asked) as step:
        Path(step.output.table).write_text("half", encoding="utf-8")
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert not left(asked)
    assert "was terminated (SIGTERM); to go on, run the same command again" in capsys.readouterr().err


def test_a_disk_that_fills_while_files_are_moved_leaves_none_of_them(asked, capsys, monkeypatch):
    moved, replace = [], Path.replace

    def full(self, target):
        moved.append(target)
        if len(moved) == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    assert "the disk is full" in stopped(asked, None, capsys)


def test_files_are_on_the_disk_before_they_are_moved(asked, monkeypatch):
    order, replace, to_disk = [], Path.replace, files.to_disk
    monkeypatch.setattr(Path, "replace", lambda self, target: (order.append("move"), replace(self, target))[1])
    monkeypatch.setattr(files, "to_disk", lambda path: (order.append("disk"), to_disk(path))[1])
    work(asked)
    # Two tables and a picture with a sidecar each, and both folders; the list; the six; then their names.
    assert order == ["disk"] * 8 + ["disk", "move", "disk"] + ["move"] * 6 + ["disk"] * 2


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from types import SimpleNamespace
import test_job_stops as of
moved, replace = [], Path.replace
def counted(self, target):
    moved.append(target)
    if len(moved) == {nth}:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = counted
of.work(SimpleNamespace(**{asked}))
"""


@pytest.mark.parametrize("nth", range(1, 9))
def test_wherever_a_job_is_killed_all_of_its_files_stand_or_none(asked, nth):
    """Also without what Snakemake remembers, whose rule then is: what stands is done."""
    named = {name: dict(part.items()) for name, part in vars(asked).items() if isinstance(part, Named)}
    plain = {name: part for name, part in vars(asked).items() if name not in named}
    words = "{" + ", ".join(f"{k!r}: of.Named(**{v!r})" for k, v in named.items()) + f", **{plain!r}}}"
    code = KILLED.format(tests=str(Path(__file__).parent), nth=nth, asked=words)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    # The first move is that of the list; there is no eighth.
    assert ended.returncode == (-signal.SIGKILL if nth < 8 else 0), ended.stderr
    results = Path(asked.log[0]).parents[3]
    assert len([name for name in left(asked) if atomic.PARTIAL not in name]) == max(0, nth - 2)
    half_written = atomic.recover(results)
    assert len(half_written) == (2 if nth == 1 else 0)
    assert len(left(asked)) == (0 if nth == 1 else 6)
    assert not list(results.rglob(f"{atomic.PARTIAL}*"))
    after = {name: (results / name).read_bytes() for name in left(asked)}
    work(asked)
    assert nth == 1 or after == {name: (results / name).read_bytes() for name in left(asked)}


def test_a_lock_ends_with_its_holder(tmp_path):
    """Another process holds the folder, is killed, and the folder is free."""
    code = (
        f"import time; from lfpbold.workflow import lock; lock.claim({str(tmp_path)!r}); print('held'); time.sleep(99)"
    )
    holder = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another run is at work in this folder"):
            at_work.claim(tmp_path)
        holder.kill()
    assert at_work.claim(tmp_path) == []


def test_a_job_whose_run_is_gone_does_not_join_the_next(tmp_path, monkeypatch):
    at_work.claim(tmp_path)
    at_work.join(tmp_path)
    monkeypatch.setenv(at_work.RUN, "0" * 32)
    with pytest.raises(InputError, match="another is at work"):
        at_work.join(tmp_path)


def test_a_new_run_clears_half_written_files(tmp_path):
    folder = tmp_path / "reference" / "sub-01" / ".partial-hrf-x.tsv"
    folder.mkdir(parents=True)
    (folder / "x.tsv").write_text("half", encoding="utf-8")
    assert at_work.claim(tmp_path) == [folder]
    assert not folder.exists()


def test_sigterm_ends_a_run_whose_handler_needs_what_is_held():
    """As Snakemake's handler does, which shares a lock with the choice of the next jobs."""
    lock, heard = threading.Lock(), threading.Event()

    def handler(*_):
        if lock.acquire(timeout=1):
            heard.set()

    signal.signal(signal.SIGTERM, handler)
    at_work.end_on_request()
    with lock:
        signal.raise_signal(signal.SIGTERM)
    assert heard.wait(5)


def test_a_killed_job_is_told_from_one_that_failed(tmp_path):
    log = tmp_path / "snakemake.log"
    log.write_text("Command 'python hrf.py' returned non-zero exit status 1.", encoding="utf-8")
    assert at_work.after_failure(tmp_path, [str(log)]) is None
    log.write_text("Command 'python hrf.py' died with <Signals.SIGKILL: 9>.", encoding="utf-8")
    assert "fewer --cores" in at_work.after_failure(tmp_path, str(log))
