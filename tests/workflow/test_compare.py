"""Finished studies: what every output says of itself, what `explain` and `compare` tell, the curve of all variants."""

import hashlib
import itertools
import re
import shlex
import shutil

import pytest

from lfpbold import cli
from lfpbold.derivatives import files
from lfpbold.derivatives.rows import pairs
from lfpbold.results import lineage, specification
from lfpbold.study import settings
from lfpbold.workflow import provenance

from .conftest import analysed

MADE = ("*.nii", "*.nii.gz", "*.tsv", "*.vhdr", "*.png", "*.svg", "*.html")
AGAIN = "reference/group/headline.tsv", "reference/figures/desc-headline.png", "specification.tsv", "report.html"


def outputs(results):
    found = sorted({path for pattern in MADE for path in results.rglob(pattern)})
    return [path for path in found if path.relative_to(results).parts[0] not in ("logs", "benchmarks")]


def test_every_output_names_variant_settings_versions_and_inputs(tiny_results):
    found = outputs(tiny_results)
    assert len(found) > 100
    for path in found:
        info = files.read_json(files.sidecar_path(path))
        inside = path.relative_to(tiny_results)
        assert info["Variant"] == (inside.parts[0] if (tiny_results / inside.parts[0] / "group").is_dir() else ""), (
            inside
        )
        assert info["CodeDigest"] and info["Rule"] and isinstance(info["Settings"], dict), inside
        assert {"lfpbold", "numpy", "snakemake"} <= {entry["Name"] for entry in info["GeneratedBy"]}
        assert info["Sources"] and not any(name.split(":")[-1][:1] == "/" for name in info["Sources"]), inside


def test_the_digests_lead_from_the_report_to_the_raw_files(tiny, tiny_results):
    """Every digest is that of what stands there, and the raw files' hashes are theirs."""
    tree = lineage.Tree(tiny_results)
    report = tree.origin(tiny_results / "report.html")
    seen, left = {}, [report]
    while left:
        one = left.pop()
        if one.name not in seen:
            seen[one.name] = one
            left += one.sources
    assert not [one.name for one in seen.values() if one.note]
    raw = tree.raw(report)
    read = ("_ieeg.nwb", "_ieeg.json", "_channels.tsv", "_bold.nii.gz", "_bold.json")
    recordings = [path for path in tiny.rglob("sub-*") if path.name.endswith(read)]
    assert {(tiny / name).resolve() for name in raw} == {path.resolve() for path in recordings}
    for name, entry in raw.items():
        assert entry["SHA256"] == hashlib.sha256((tiny / name).read_bytes()).hexdigest()


def test_no_sidecar_names_a_place(tiny, tiny_results):
    places = [str(path) for path in (tiny, tiny_results)]
    for path in tiny_results.rglob("*"):
        inside = path.relative_to(tiny_results)
        if path.suffix in (".json", ".tsv", ".html", ".svg") and inside.parts[0] not in ("logs", "benchmarks"):
            text = path.read_text(encoding="utf-8")
            assert not [place for place in places if place in text], inside


@pytest.mark.parametrize("name", AGAIN)
def test_explain_ends_with_a_command_that_makes_the_file(tiny_results, run, capsys, name):
    assert cli.main(["explain", str(tiny_results / name)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{name}  ← rule ") and any("← rule artefact" in line for line in lines)
    assert any(line.lstrip().startswith("bold: fwhm_mm") for line in lines)
    command = shlex.split(lines[-1])
    options = command[command.index("--force") :]
    options = [o for i, o in enumerate(options) if o != "--snakefile" and options[i - 1] != "--snakefile"]
    dry = run(tiny_results / "config.resolved.yaml", tiny_results, "--dry-run", *options[1:], cores=1)
    assert dry.returncode == 0, dry.stderr[-2000:]
    assert command[-1].endswith(name)


def test_explain_of_a_raw_file_names_what_rests_on_it(tiny, tiny_results, capsys):
    raw = next(tiny.rglob("sub-01*_ieeg.nwb"))
    assert cli.main(["explain", str(raw), "--results", str(tiny_results)]) == 0
    rules = re.findall(r"→ rule (\w+)", capsys.readouterr().out)
    assert rules[0] == "artefact" and {"coupling", "variance", "report"} <= set(rules) and "motion" not in rules


def test_results_agree_with_themselves_and_variants_differ(tiny_results, capsys):
    assert cli.main(["compare", str(tiny_results), str(tiny_results)]) == 0
    assert "code: the same" in capsys.readouterr().out
    a, b = (str(tiny_results / name) for name in ("reference", "no_gsr"))
    assert cli.main(["compare", a, b, "--table", "headline"]) == 1
    assert "setting bold.global_signal: true | false" in capsys.readouterr().out


def test_an_upgrade_that_changes_a_number_is_seen(tiny_results, tmp_path, capsys):
    other = tmp_path / "results"
    shutil.copytree(tiny_results, other, ignore=shutil.ignore_patterns("sub-*", "logs", "benchmarks", "*.png", "*.svg"))
    path = other / "reference" / "group" / "temporal.tsv"
    text = path.read_text(encoding="utf-8").splitlines()
    cells = text[5].split("\t")
    cells[6] = f"{float(cells[6]) + 0.25:.9g}"
    path.write_text("\n".join([*text[:5], "\t".join(cells), *text[6:]]) + "\n", encoding="utf-8")
    sidecar = files.sidecar_path(path)
    files.write_json(sidecar, files.read_json(sidecar) | {"CodeDigest": "0123456789ab"})
    assert cli.main(["compare", str(tiny_results), str(other)]) == 1
    out = capsys.readouterr().out
    assert out.count("→") == 1 and " ".join(cells[:6]) in out and "(+0.25)" in out
    assert "code that differs, by rule: variance" in out


def test_the_curve_holds_the_headline_of_every_variant(tiny, tiny_results):
    complete = settings.load([tiny / "config.yaml"])
    curve = files.read_table(tiny_results / "specification.tsv")
    for group, measure in itertools.product(pairs(curve), ("temporal_r", "spatial_r_group")):
        rows = [r for r in curve if (r["state"], r["site"], r["measure"]) == (*group, measure)]
        assert {row["variant"] for row in rows} == set(complete["variants"])
        assert [row["value"] for row in rows] == sorted(row["value"] for row in rows)
        for row in rows:
            headline = files.read_table(tiny_results / row["variant"] / "group" / "headline.tsv")
            (own,) = [r for r in headline if (r["state"], r["site"], r["measure"]) == (*group, measure)]
            assert (row["value"], row["ci_low"]) == pytest.approx((own["value"], own["ci_low"]), nan_ok=True)
        for form in (".png", ".svg"):
            name = f"specification_state-{group[0]}_site-{group[1]}{form}"
            assert (tiny_results / "figures" / name).stat().st_size > 5000
    effects = files.read_table(tiny_results / "specification_choices.tsv")
    assert {row["choice"] for row in effects} == {"bold.global_signal", "bold.filtering", specification.INTERACTIONS}
    text = (tiny_results / "report.html").read_text(encoding="utf-8")
    assert 'id="variants"' in text and "no_gsr compared with reference" in text


@pytest.mark.slow
def test_a_study_that_is_moved_gives_the_same_bytes(tiny, tiny_results, tmp_path):
    """Raw files, sheet and config in another folder: nothing but the record of where they stand differs."""
    study = tmp_path / "moved" / "study"
    shutil.copytree(tiny, study)
    again = analysed(study, tmp_path / "far" / "away" / "results")

    def content(results):
        found = {p.relative_to(results).as_posix(): p for p in results.rglob("*") if p.is_file()}
        return {name: p.read_bytes() for name, p in found.items() if not name.startswith(("logs/", "benchmarks/"))}

    first, second = content(tiny_results), content(again)
    assert first.keys() == second.keys()
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"config.resolved.yaml", "dataset_description.json"}
    described = [files.read_json(results / "dataset_description.json") for results in (tiny_results, again)]
    assert len({described[0]["ConfigHash"], described[1]["ConfigHash"]}) == 1
    assert described[0]["Inputs"] == described[1]["Inputs"]
    assert provenance.config_hash(settings.load([again / "config.resolved.yaml"])) == described[0]["ConfigHash"]
