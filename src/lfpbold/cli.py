"""Command line: one function per command. Heavy imports happen only in the command that needs them."""

from __future__ import annotations

import argparse
import sys

from . import __version__
from .errors import InputError, printable

FLAWS = """what goes wrong in laboratories, off unless set (docs/validation.md says more; `--preset rough` has all):
  electrode   electrode_drift_uv, electrode_drift_max_hz, dc_offset_uv
  amplifier   antialias_hz (gradients fold back), rail_fraction (saturation)
  mains       line_hz, line_harmonics, line_wax (an amplitude that changes slowly)
  spectra     activity_exponent (slow power), band_overlap_octaves (1/f^x without steps)
  BOLD        seed_reliability, hrf_delay_s
  body        respiration_hz, cardiac_hz, respiration_uv, cardiac_uv
  movement    movements_per_min, movement_uv, movement_step_s, movement_fd_mm
  volumes     unsteady_start, lost_volumes, half_lost_volumes, repeated_volumes (such as [60, 61], from 0)
"""


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="lfpbold", description="How much of the resting-state fMRI signal the LFP explains, in space and in time."
    )
    top.add_argument("--version", action="version", version=f"lfpbold {__version__}")
    commands = top.add_subparsers(dest="command", required=True)

    _add_simulate(commands)
    check = commands.add_parser(
        "check", help="say what a study was understood to be, and what is wrong with it, without running anything"
    )
    check.add_argument("config", nargs="+", help="configuration file(s), later ones over earlier ones")
    check.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change a setting, as YAML"
    )

    index = commands.add_parser("index", help="make the sample sheet of a BIDS dataset")
    index.add_argument("dataset", help="top folder of the dataset")
    index.add_argument("--out", help="sheet to write; DATASET/recordings.tsv without it")
    index.add_argument("--task", default="rest", help="task label of the runs to take; '' for all (default: rest)")
    index.add_argument("--site", default="", help="electrode site where neither acq label nor channels.tsv name one")
    index.add_argument("--state", default="", help="state where no table has a column `state`")
    index.add_argument("--ecephys", action="store_true", help="take the folder ecephys of BEP032 too")

    headline = commands.add_parser("headline", help="print the headline table of a finished study")
    headline.add_argument("results", help="results folder")
    _add_compare(commands)
    _add_explain(commands)
    return top


def _add_simulate(commands) -> None:
    simulate = commands.add_parser(
        "simulate",
        help="write raw recordings whose truth is known, with sheet and config",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=FLAWS,
    )
    simulate.add_argument("out", help="folder to write; must not exist or be empty")
    simulate.add_argument(
        "--preset",
        default="demo",
        help="demo (a small study), evoked (with stimuli), full (one scan of the study's size), paper (tuned to the"
        " published correlations), rough (with everything that goes wrong in laboratories), tiny",
    )
    simulate.add_argument("--atlas", help="folder of a real atlas (labels and masks) to simulate on")
    simulate.add_argument("--seed", type=int, help="another seed, another study")
    simulate.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a parameter of the preset, such as n_volumes=600 or electrode_drift_uv=100",
    )


def _add_compare(commands) -> None:
    compare = commands.add_parser(
        "compare",
        help="compare two results: settings, versions, code, and every row of every table",
        description="Exit status: 0 where all tables agree within the tolerance, 1 where one does not, 2 for an error.",
    )
    compare.add_argument("a", metavar="A", help="results folder, or one variant in it: RESULTS/VARIANT")
    compare.add_argument("b", metavar="B", help="the same, of another version, study or variant")
    compare.add_argument("--table", help="show this table alone, such as headline or temporal")
    compare.add_argument("--all", action="store_true", help="print every difference, not the ten largest of each table")
    compare.add_argument(
        "--tolerance",
        type=float,
        default=1e-6,
        help="numbers agree that differ by no more, or by no more than this fraction of the larger one (1e-6)",
    )
    compare.add_argument("--out", metavar="FILE.tsv", help="write every difference to this table, with a sidecar")


def _add_explain(commands) -> None:
    explain = commands.add_parser("explain", help="show how a file was made, back to the raw recordings")
    explain.add_argument("file", help="any file of the results; or a raw file, for what was made from it")
    explain.add_argument("--results", help="results folder, where the file lies in none")
    explain.add_argument("--all", action="store_true", help="name every source, not one of each kind")


def main(arguments=None) -> int:
    """Run one command; the return value is the exit status."""
    given = parser().parse_args(arguments)
    try:
        return COMMANDS[given.command](given)
    except (InputError, ValueError, OSError) as error:
        print(f"Error: {printable(str(error))}", file=sys.stderr)
        return 2 if given.command == "compare" else 1  # there 1 says that results differ


def _simulate(given) -> int:
    from .simulate import simulate

    overrides = dict(_pair(text) for text in given.set)
    simulate(given.out, preset=given.preset, atlas=given.atlas, seed=given.seed, parameters=overrides or None)
    print(f"\nNext:\n  lfpbold check {given.out}/config.yaml\n  snakemake --configfile {given.out}/config.yaml")
    return 0


def _index(given) -> int:
    from pathlib import Path

    from .study import bids_index as index

    found = index.index(given.dataset, task=given.task, site=given.site, state=given.state, ecephys=given.ecephys)
    for entry in found.skipped:
        print(printable(f"skipped {entry['file']}: {entry['reason']}"))
    out = Path(given.out or Path(given.dataset) / "recordings.tsv")
    index.write(found, out)
    for note in found.notes:
        print(f"Note: {note}.")
    print(f"{out}: {len(found.rows)} recordings of {len({row['sub'] for row in found.rows})} animals.")
    for state, site in dict.fromkeys((row["state"], row["site"]) for row in found.rows):
        n = sum((row["state"], row["site"]) == (state, site) for row in found.rows)
        print(f"  {site}, {state}: {n} recordings")
    print("Next: give each site its seed and each state its motion limits in a config, then `lfpbold check CONFIG`.")
    return 0


def _check(given) -> int:
    import yaml

    from .pipeline import preflight as check
    from .pipeline import understood
    from .study import settings as config
    from .workflow import estimate
    from .workflow.plan import Plan

    overrides: dict = {}
    for text in given.set:
        name, value = _pair(text)
        section, _, key = name.partition(".")
        target = overrides.setdefault(section, {}) if key else overrides
        if not isinstance(target, dict):
            raise InputError(f"--set {text}: `{section}` is set to a value already; set its keys one by one")
        try:
            target[key or section] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(f"--set {text}: `{value}` is not YAML; quote it") from None
    found = check.check_study(given.config, overrides, _progress())
    settings, rows = found.settings, found.rows
    for problem in found.problems:
        print(f"Error: {problem}", file=sys.stderr)
    for note, of_rows in found.notes.items():
        more = f" and {len(of_rows) - 1} more" if len(of_rows) > 1 else ""
        about = f"{of_rows[0]}{more}: " if of_rows else ""
        print(printable(f"Note: {about}{note}"))
    for line in understood.table(found.understood):
        print(printable(line))
    if found.problems:
        print(_what_follows(found), file=sys.stderr)
        return 1
    expected = estimate.estimate(
        Plan(settings, rows), [(told.channels, told.volumes * told.tr_s) for told in found.understood]
    )
    print(f"\nThe whole run: {expected.text()}.")
    used = [row for row in rows if not row["exclude"]]
    print(
        f"OK, no problems found: {len(used)} recordings of {len({r['sub'] for r in used})} animals "
        f"({len(rows) - len(used)} excluded in the sheet), {config.count(settings)}."
    )
    for state, site in dict.fromkeys((row["state"], row["site"]) for row in used):
        group = [row for row in used if (row["state"], row["site"]) == (state, site)]
        n, events = len(group), " with events" if group[0]["events"] else ""
        plural = "s" * (n != 1)
        rule = settings["states"].get(group[0]["own_state"]) or settings["states"]["default"]
        print(
            f"  {site}, {state}: {n} recording{plural}{events}; motion above {rule['fd_mm']:g} mm: {rule['on_motion']}"
        )
    return 0


def _progress():
    """Shows a line of progress on a terminal, in place of the one before; nothing elsewhere."""
    return (lambda text: print(f"\r{text}\033[K", end="", file=sys.stderr)) if sys.stderr.isatty() else None


def _what_follows(found) -> str:
    """How a run would end with these problems under the present setting."""
    n, meant = len(found.problems), sum(not row["exclude"] for row in found.rows)
    text = f"{n} problem{'s' if n > 1 else ''} found; nothing was run."
    if found.of_all or not found.settings:
        return f"{text} The run would refuse to begin."
    strictness, bad = found.settings["run"]["on_bad_recording"], len(found.bad)
    if strictness == "stop" or bad == meant:
        why = "run.on_bad_recording is `stop`" if strictness == "stop" else "no recording can be used"
        return f"{text} The run would refuse to begin: {why}."
    which = ", ".join("sub-{sub} ses-{ses} run-{run} {site}".format(**row) for row in found.bad[:10])
    which += f" and {bad - 10} more" if bad > 10 else ""
    end = "exit status 3" if strictness == "exclude" else "exit status 0"
    return (
        f"{text} The run would exclude {bad} of {meant} recordings ({which}) and end with {end}"
        f" (run.on_bad_recording: {strictness})."
    )


def _headline(given) -> int:
    from pathlib import Path

    from .derivatives import files

    results = Path(given.results)
    tables = sorted(results.glob("*/group/headline.tsv"))
    if not tables:
        raise InputError(f"{results}: holds no headline table; run the workflow first")
    print(
        f"{'variant':<16}{'state':<14}{'site':<8}{'measure':<34}{'value':>8}  "
        f" {'95 % interval':<18}{'scans':>5}{'animals':>9}"
    )
    for table in tables:
        for row in files.read_table(table):
            interval = f"{row['ci_low']:+.3f} … {row['ci_high']:+.3f}" if row["ci_low"] == row["ci_low"] else "n/a"
            value = f"{row['value']:+.3f}" if row["value"] == row["value"] else "n/a"
            shown = (
                f"{table.parts[-3]:<16}{row['state']:<14}{row['site']:<8}{row['measure']:<34}{value:>8}   "
                f"{interval:<18}{row['n']:>5.0f}{row['n_animals']:>9.0f}"
            )
            print(printable(shown))
    print()
    for line in _in_doubt(tables):
        print(printable(line))
    for flow in sorted(results.glob("*/group/flow.tsv")):
        for line in _came_through(files.read_table(flow), flow.parts[-3]):
            print(printable(line))
    print(f"\nReport: {results / 'report.html'}")
    return 0


def _in_doubt(tables):
    """A line for each state and site whose numbers rest on recordings that are in doubt."""
    from .derivatives import files

    for table in tables:
        groups = {(row["state"], row["site"]): row for row in reversed(files.read_table(table))}
        for (state, site), row in reversed(groups.items()):
            if (n := row.get("n_doubtful", 0)) > 0:
                of = f"{n:.0f} of these {row['n']:.0f} scans {'is' if n == 1 else 'are'} in doubt"
                yield f"{table.parts[-3]:<16}{state:<14}{site:<8}{of}: {table.parts[-3]}/group/doubts.tsv"


def _came_through(flow: list[dict], variant: str):
    """A line for each state and site: how many scans and animals remain, how many were excluded, and where."""
    for group in dict.fromkeys((row["state"], row["site"]) for row in flow):
        entered, *lost = [row for row in flow if (row["state"], row["site"]) == group]
        left = (lost or [entered])[-1]
        text = f"{left['n_scans']:.0f} scans of {left['n_animals']:.0f} animals"
        if lost:
            why = ", ".join(f"{row['step']} {row['lost']:.0f} {row['kind']}" for row in lost)
            n = sum(row["lost"] for row in lost)
            text += f"; {n:.0f} of {entered['n_scans']:.0f} recordings excluded ({why}): {variant}/excluded.tsv"
        yield f"{variant:<16}{group[0]:<14}{group[1]:<8}{text}"


def _compare(given) -> int:
    from .derivatives import files, layout
    from .results import compare as results
    from .results import compare_text as text

    a, b = (results.open_results(path) for path in (given.a, given.b))
    both, only_a, only_b = results.pairs(a, b)
    found = [results.compare(a, b, *names, tolerance=given.tolerance) for names in both]
    known = dict.fromkeys([*(table.name for one in found for table in one.tables), *layout.GROUP])
    if given.table and given.table not in known:
        raise InputError(f"--table {given.table}: there is no such table; choose one of {', '.join(sorted(known))}")
    lines = [f"first:  {a.root}", f"second: {b.root}", *text.made_by(a.root, b.root)]
    for which, names in (("first", only_a), ("second", only_b)):
        lines += [f"only in the {which}: variant {name}" for name in names]
    for one in found:
        lines += ["", *text.in_words(one, table=given.table, everything=given.all)]
    print(printable("\n".join(lines)))
    if given.out:
        files.write_table(given.out, [row for one in found for row in text.as_rows(one)], text.OUT)
        print(f"\nEvery difference: {given.out}")
    return 0 if not (only_a or only_b) and all(one.equal(given.table) for one in found) else 1


def _explain(given) -> int:
    from .results import lineage

    print(printable("\n".join(lineage.explain(given.file, results=given.results, everything=given.all))))
    return 0


COMMANDS = {"simulate": _simulate, "index": _index, "check": _check, "headline": _headline}
COMMANDS |= {"compare": _compare, "explain": _explain}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text}: write NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
