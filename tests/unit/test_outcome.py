"""How a run ended: excluded.tsv against the sheet, exit statuses, and what a log of Snakemake says of failures."""

from __future__ import annotations

import os
import time

from lfpbold.derivatives import files, layout
from lfpbold.pipeline.group import tables as group
from lfpbold.study import selection
from lfpbold.workflow import outcome

SHEET = [
    {"sub": sub, "ses": "01", "task": "rest", "run": "1", "state": "awake", "site": site, "exclude": ""}
    for sub in ("01", "02", "03")
    for site in ("M1", "ACC")
]


def written(root, *rows, variant="reference"):
    """`excluded.tsv` of rows (sub, site, step, kind) and of one block of volumes, which is no recording."""
    block = {"sub": "03", "ses": "01", "run": "1", "site": "", "step": "motion", "kind": "criterion", "n_volumes": 3}
    whole = [
        {"sub": sub, "ses": "01", "run": "1", "state": "awake", "site": site, "step": step, "kind": kind, "reason": "x"}
        for sub, site, step, kind in rows
    ]
    path = root / variant / "excluded.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_table(path, [block, *whole], layout.GROUP["excluded"].columns, info={})
    return path


def ending(root, strictness, rows=SHEET, variants=("reference",)):
    found = outcome.lost(root, variants)
    return outcome.status(strictness, found, rows), outcome.sentence(strictness, found, rows)


def test_nothing_lost_is_nothing_said(tmp_path):
    assert ending(tmp_path, "exclude") == (0, "")  # no table yet
    written(tmp_path)
    assert ending(tmp_path, "exclude") == (0, "")


def in_doubt(root, *rows):
    """`doubts.tsv` of rows (sub, site, doubt, severity, consequence)."""
    names = ("sub", "site", "doubt", "severity", "consequence")
    full = [
        {"ses": "01", "run": "1", "state": "awake", "reason": "x"} | dict(zip(names, row, strict=True)) for row in rows
    ]
    path = root / "reference" / "group" / "doubts.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_table(path, full, layout.GROUP["doubts"].columns, info={})
    return path


def excluded_for(reason, root):
    """`excluded.tsv` with one recording that is in doubt."""
    row = {"sub": "01", "ses": "01", "run": "1", "state": "awake", "site": "M1", "step": "artefact", "kind": "doubtful"}
    path = root / "reference" / "excluded.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_table(path, [row | {"reason": reason}], layout.GROUP["excluded"].columns, info={})


def test_recordings_that_were_excluded_for_a_doubt_change_the_exit_status(tmp_path):
    excluded_for("sub-01: in doubt (clock, artefact_left): it slips", tmp_path)
    status, text = ending(tmp_path, "exclude")
    assert status == 3
    assert text.startswith(
        "1 of 6 recordings is in doubt and was excluded (run.on_doubtful): sub-01 ses-01 run-1 M1"
        " (clock, artefact_left)"
    )
    assert "Exit status 3" in text and str(tmp_path / "reference" / "group" / "doubts.tsv") in text
    assert ending(tmp_path, "accept")[0] == 0 and ending(tmp_path, "stop")[0] == 1
    only = [row for row in SHEET if (row["sub"], row["site"]) == ("01", "M1")]
    status, text = ending(tmp_path, "accept", only)
    assert status == 3 and text.endswith("No recording is left; every table is empty.")


def test_recordings_that_were_used_in_doubt_are_counted_and_change_no_status(tmp_path):
    written(tmp_path)
    in_doubt(
        tmp_path,
        ("02", "ACC", "clock", "severe", "used"),
        ("02", "ACC", "jitter", "slight", "told"),
        ("03", "M1", "artefact_left", "severe", "used"),
        ("03", "M1", "clock", "severe", "used"),
    )
    status, text = ending(tmp_path, "exclude")
    assert status == 0
    assert text.startswith(
        "2 of 6 recordings are in doubt and were used (run.on_doubtful): sub-02 ses-01 run-1 ACC (clock);"
        " sub-03 ses-01 run-1 M1 (artefact_left, clock); reasons in "
    )


def test_slight_doubts_are_counted_by_name(tmp_path):
    written(tmp_path, ("01", "M1", "artefact", "doubtful"))
    in_doubt(
        tmp_path,
        ("01", "M1", "jitter", "slight", "told"),
        ("02", "M1", "jitter", "slight", "told"),
        ("02", "M1", "bands_at_risk", "slight", "told"),
        ("03", "M1", "jitter", "slight", "told"),
    )
    slight, severe = ending(tmp_path, "exclude")[1].splitlines()
    assert slight.startswith("2 of 6 recordings have slight doubts (bands_at_risk 1, jitter 2); reasons in ")
    assert severe.startswith("1 of 6 recordings is in doubt and was excluded")


def test_recordings_in_doubt_and_bad_ones_are_told_apart(tmp_path):
    written(tmp_path, ("02", "M1", "artefact", "unusable"), ("03", "M1", "artefact", "doubtful"))
    doubted, unusable = ending(tmp_path, "exclude")[1].splitlines()
    assert doubted.startswith("1 of 6 recordings is in doubt and was excluded") and "Exit status" not in doubted
    assert unusable.startswith("1 of 6 recordings was excluded because it could not be used") and "status 3" in unusable


def test_choices_and_criteria_are_not_bad(tmp_path):
    written(tmp_path, ("01", "", "motion", "criterion"), ("02", "M1", "recordings.tsv", "chosen"))
    assert [ending(tmp_path, strictness) for strictness in ("exclude", "accept", "stop")] == [(0, "")] * 3


def test_a_whole_run_counts_for_each_of_its_sites(tmp_path):
    path = written(tmp_path, ("01", "", "motion", "unusable"), ("02", "M1", "artefact", "unusable"))
    status, text = ending(tmp_path, "exclude")
    assert status == 3
    assert text.startswith("3 of 6 recordings were excluded because they could not be used (motion 2, artefact 1)")
    assert str(path) in text and "Everything else is complete" in text
    assert ending(tmp_path, "accept")[0] == 0 and ending(tmp_path, "accept")[1].endswith("Everything else is complete.")
    assert ending(tmp_path, "stop")[0] == 1
    status, text = ending(tmp_path, "exclude", [row for row in SHEET if row["site"] == "M1" and row["sub"] != "01"])
    assert text.startswith("1 of 2 recordings was excluded because it could not be used (artefact 1); it is listed")


def test_where_nothing_is_left_accepting_does_not_help(tmp_path):
    bad = [(sub, "", "motion", "unusable") for sub in ("01", "02")]
    written(tmp_path, *bad, ("03", "", "motion", "criterion"))
    for strictness, expected in (("exclude", 3), ("accept", 3), ("stop", 1)):
        status, text = ending(tmp_path, strictness)
        assert status == expected and text.startswith("No recording is left: 4 of 6 could not be used (motion 4)")


def test_variants_that_lose_unlike_recordings_are_told_apart(tmp_path):
    one = written(tmp_path, ("01", "M1", "artefact", "unusable"))
    two = written(tmp_path, *[(sub, "", "bold", "unusable") for sub in ("01", "02", "03")], variant="rigorous")
    status, text = ending(tmp_path, "accept", variants=("reference", "rigorous"))
    assert status == 0, "the first variant has recordings left"
    assert text.startswith("6 of 6 recordings were excluded from one or more variants because")
    assert str(one) in text and str(two) in text and "(artefact 1, bold 5)" in text
    assert ending(tmp_path, "accept", variants=("rigorous",))[0] == 3


def test_a_missing_file_of_a_row_that_is_not_selected_is_not_missed():
    rows = [row | {"exclude": "there is no file a", "unusable": True} if row["sub"] == "01" else row for row in SHEET]
    found = selection.listed(rows, {"sub": ["02"]}, "variant `x`")
    assert [row["exclude"] for row in found if row["sub"] == "01"] == ["not selected: sub is 01"] * 2
    assert not any(row.get("unusable") for row in found)
    kept = selection.listed(rows, {"sub": ["01", "02"]}, "variant `x`")
    assert [row["exclude"] for row in kept if row["sub"] == "01"] == ["there is no file a"] * 2
    # A variant whose rows are all missing is empty, not misspelt.
    assert all(row["exclude"] for row in selection.listed(rows, {"sub": ["01"]}, "variant `x`"))


def test_the_flow_adds_up():
    rows = [{**row, "exclude": "noisy" if row["sub"] == "02" and row["site"] == "ACC" else ""} for row in SHEET]
    sidecars = {
        "01": {"Excluded": {"Step": "motion", "Reason": "moved", "Kind": "criterion"}},
        "02": {"FdThreshold": 0.1, "DroppedBlocks": [(3, 5)]},
        "03": {"FdThreshold": 0.1, "DroppedBlocks": []},
    }
    runs = [
        {"sub": sub, "ses": "01", "task": "rest", "run": "1", "site": "", "sidecar": of} for sub, of in sidecars.items()
    ]
    bad = {"Step": "artefact", "Reason": "dead", "Kind": "unusable"}
    recordings = [{"sub": "03", "ses": "01", "task": "rest", "run": "1", "site": "M1", "excluded": bad}]
    excluded = group.excluded({"runs": runs, "recordings": recordings}, rows)
    found = [tuple(row.values()) for row in group.flow(excluded, rows)]
    assert found == [
        ("awake", "M1", "sheet", "entered", 0, 3, 3),
        ("awake", "M1", "artefact", "unusable", 1, 2, 2),
        ("awake", "M1", "motion", "criterion", 1, 1, 1),
        ("awake", "ACC", "sheet", "entered", 0, 3, 3),
        ("awake", "ACC", "recordings.tsv", "chosen", 1, 2, 2),
        ("awake", "ACC", "motion", "criterion", 1, 1, 1),
    ]


def test_failed_jobs_are_named_by_their_own_logs(tmp_path):
    texts = {
        "reference/artefact/sub-01.log": "reading\nTraceback:\n  File\nMemoryError: no room\n\n",
        "reference/artefact/sub-02.log": "reading\ndone\n",
        "reference/motion/sub-03.log": "excluded at motion: moved\n",
        "reference/motion/sub-04.log": "volumes realigned: 30 of 64\n",  # killed
        "reference/motion/sub-05.log": "Error: of an earlier run\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    start = time.time() - 10
    os.utime(tmp_path / "reference/motion/sub-05.log", (start - 60, start - 60))
    found = outcome.failures(tmp_path, start)
    assert [(log.name, line) for log, line in found] == [
        ("sub-01.log", "MemoryError: no room"),
        ("sub-04.log", "volumes realigned: 30 of 64"),
    ]
    text = outcome.last_words(found)
    assert text.startswith("2 jobs failed") and "MemoryError: no room" in text and str(found[0][0]) in text
    assert outcome.failures(tmp_path / "none", start) == [] and outcome.last_words([]) == ""
    assert "and 2 more" in outcome.last_words(6 * found)
