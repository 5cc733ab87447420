"""Sidecars say how a file came to be, in the same bytes wherever a study stands, and `explain` tells it."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from lfpbold import cli
from lfpbold.derivatives import files as io
from lfpbold.errors import InputError
from lfpbold.results import lineage
from lfpbold.workflow import job, provenance

ATLAS = {"labels": "atlas/labels.nii.gz", "brain": "atlas/brain.nii.gz"}


class Named(SimpleNamespace):
    """Inputs and outputs as Snakemake gives them: by name, and in order."""

    def items(self):
        return vars(self).items()

    def __iter__(self):
        return iter(vars(self).values())


def run(root, rule, inputs, outputs, settings, study, *, row=None, write=None):
    """One job as the workflow runs it, with an adapter that only writes its files."""
    snakemake = SimpleNamespace(
        rule=rule,
        log=[str(root / "logs" / "reference" / rule / "a.log")],
        input=Named(**{name: str(path) for name, path in inputs.items()}),
        output=Named(**{name: str(path) for name, path in outputs.items()}),
        params={"settings": settings, "row": row or {}, "code": f"code-{rule}", "seed": 7},
        wildcards={"variant": "reference"},
        config={"study_folder": str(study)},
    )
    with job.start(snakemake) as step:
        for path in vars(step.output).values():
            if path.endswith(".tsv"):
                io.write_table(path, [{"r": 0.5}], {"r": ("", "")}, info=step.info | (write(step) if write else {}))
            elif not path.endswith(".json"):
                Path(path).write_bytes(b"picture")


def study_at(folder, *, band=(1, 4)):
    """A study of one scan, raw to figure: two jobs, an image of the atlas, and a figure without sidecar of its own."""
    study, root = folder / "study", folder / "work" / "results"
    for name, text in {"raw/lfp.vhdr": "lfp", "raw/bold.nii": "bold", **{p: p for p in ATLAS.values()}}.items():
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text(text, encoding="utf-8")
    row = {
        "lfp": str(study / "raw/lfp.vhdr"),
        "bold": str(study / "raw/bold.nii"),
        "input": {"tr_s": 2.0},
        "where": "x",
    }
    atlas = {key: str(study / path) for key, path in ATLAS.items()}
    digest = hashlib.sha256(b"lfp").hexdigest()
    raw = [{"Path": row["lfp"], "Bytes": 3, "SHA256": digest}]

    def of_raw(step):
        return {"RawFiles": step.raw_files(raw)}

    clean = root / "reference" / "sub-01" / "sub-01_desc-clean.tsv"
    coupling = root / "reference" / "sub-01" / "sub-01_desc-coupling.tsv"
    figure = root / "reference" / "figures" / "desc-lags.png"
    inputs = {"lfp": row["lfp"], "bold": row["bold"]}
    settings = {"input": {"tr_s": None}, "artefact": {"notch_hz": [60]}}
    run(
        root,
        "artefact",
        inputs,
        {"clean": clean},
        settings,
        study,
        row=row,
        write=lambda s: {"RawFiles": s.raw_files(raw)},
    )
    inputs = {"clean": clean, "atlas": atlas["labels"]}
    settings = {"bands": {"delta": list(band)}, "atlas": atlas, "sites": {"M1": {"seed_mask": atlas["brain"]}}}
    run(root, "coupling", inputs, {"table": coupling}, settings, study, row=row)
    run(root, "figures_study", {"table": coupling}, {"png": figure, "svg": figure.with_suffix(".svg")}, {}, study)
    complete = {
        "recordings": str(study / "recordings.tsv"),
        "results": "results",
        "seed": 7,
        "variants": {"reference": {}},
    }
    complete |= {"atlas": atlas, "sites": {}}
    (root / "config.resolved.yaml").write_text(yaml.safe_dump(complete), encoding="utf-8")
    described = provenance.describe(complete | {"results": str(root)}, raw)
    io.write_json(root / "dataset_description.json", described)
    return SimpleNamespace(study=study, root=root, clean=clean, coupling=coupling, figure=figure, settings=complete)


@pytest.fixture
def made(tmp_path):
    return study_at(tmp_path)


def test_sidecars_name_what_was_read(made):
    info = io.read_json(io.sidecar_path(made.coupling))
    assert info["Rule"] == "coupling" and info["Variant"] == "reference" and info["Seed"] == 7
    assert info["CodeDigest"] == "code-coupling"
    assert {"lfpbold", "Python", "numpy", "scipy"} <= {entry["Name"] for entry in info["GeneratedBy"]}
    assert info["Settings"]["bands"] == {"delta": [1, 4]}
    assert info["Settings"]["atlas"] == ATLAS and info["Settings"]["sites"]["M1"]["seed_mask"] == ATLAS["brain"]
    clean, labels = info["Sources"]
    assert clean == "bids::reference/sub-01/sub-01_desc-clean.tsv" and labels == "bids:raw:atlas/labels.nii.gz"
    told = io.sidecar_path(made.clean).read_bytes()
    assert info["SourceDigests"][clean] == hashlib.sha256(told).hexdigest()
    assert info["SourceDigests"][labels] == hashlib.sha256(ATLAS["labels"].encode()).hexdigest()


def test_raw_files_are_hashed_once_and_the_sheet_overrides_the_config(made):
    info = io.read_json(io.sidecar_path(made.clean))
    assert info["Sources"] == ["bids:raw:raw/lfp.vhdr", "bids:raw:raw/bold.nii"] and info["SourceDigests"] == {}
    assert info["RawFiles"][0]["Path"] == "bids:raw:raw/lfp.vhdr"
    assert info["Settings"]["input"] == {"tr_s": 2.0}


def test_what_says_where_results_stand_is_not_digested(made):
    page = made.root / "report.html"
    inputs = {"description": made.root / "dataset_description.json", "table": made.coupling}
    run(made.root, "report", inputs, {"report": page}, made.settings, made.study)
    info = io.read_json(made.root / "report.json")
    assert info["Sources"][0] == "bids::dataset_description.json" and "results" not in info["Settings"]
    assert list(info["SourceDigests"]) == ["bids::reference/sub-01/sub-01_desc-coupling.tsv"]


def test_a_figure_has_one_sidecar_that_serves_both_forms(made):
    info = io.read_json(made.figure.with_suffix(".json"))
    assert info["Rule"] == "figures_study"
    assert info["Sources"] == ["bids::reference/sub-01/sub-01_desc-coupling.tsv"]


def files(root):
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    return {name: content for name, content in found.items() if not name.startswith("logs")}


def test_the_same_study_elsewhere_gives_the_same_bytes(made, tmp_path):
    other = study_at(tmp_path / "far" / "away")
    first, second = files(made.root), files(other.root)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == {"config.resolved.yaml"}
    changed = study_at(tmp_path / "changed", band=(1, 5))
    differing = {name for name, content in files(changed.root).items() if content != first[name]}
    sidecars = {"reference/sub-01/sub-01_desc-coupling.json", "reference/figures/desc-lags.json"}
    assert differing == {"config.resolved.yaml", *sidecars}  # digests carry a change to all that rests on it


def test_the_config_hash_is_of_what_is_computed_not_of_where(made, tmp_path):
    other = study_at(tmp_path / "elsewhere")
    elsewhere = other.settings | {"results": "/anywhere"}
    assert provenance.config_hash(made.settings) == provenance.config_hash(elsewhere)
    assert provenance.config_hash(made.settings) != provenance.config_hash(made.settings | {"seed": 8})
    variants = {"reference": {}, "other": {"atlas": {"labels": str(made.study / "atlas" / "other.nii.gz")}}}
    assert provenance.config_hash(made.settings | {"variants": variants}) != provenance.config_hash(made.settings)
    moved = {"reference": {}, "other": {"atlas": {"labels": str(other.study / "atlas" / "other.nii.gz")}}}
    assert provenance.config_hash(made.settings | {"variants": variants}) == provenance.config_hash(
        other.settings | {"variants": moved}
    )


def explained(capsys, *arguments):
    assert cli.main(["explain", *map(str, arguments)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("form", [".png", ".svg", ".json"])
def test_explain_goes_back_to_the_raw_recording(made, capsys, form):
    lines = explained(capsys, made.figure.with_suffix(form)).splitlines()
    assert (
        lines[0]
        == f"reference/figures/desc-lags{'.json' if form == '.json' else form}  ← rule figures_study, variant reference"
    )
    indents = {line.strip().split("  ←")[0]: len(line) - len(line.lstrip()) for line in lines if "←" in line}
    assert indents["reference/sub-01/sub-01_desc-coupling.tsv"] == 2
    assert indents["reference/sub-01/sub-01_desc-clean.tsv"] == indents["atlas/labels.nii.gz"] == 4
    assert indents["raw/lfp.vhdr"] == indents["raw/bold.nii"] == 6
    text = "\n".join(lines)
    assert "bands: delta [1, 4]" in text and "artefact: notch_hz [60]" in text and "input: tr_s 2" in text
    assert f"{hashlib.sha256(b'lfp').hexdigest()[:16]}…" in text and "3 bytes  raw/lfp.vhdr" in text
    assert "code code-coupling" in text and "Made with lfpbold" in text and "(" not in lines[0]


def test_the_command_names_the_file_as_snakemake_knows_it(made, capsys):
    command = explained(capsys, made.coupling).splitlines()[-1].split()
    assert command[0] == "snakemake" and command[-1] == "results/reference/sub-01/sub-01_desc-coupling.tsv"
    assert command[command.index("--directory") + 1] == str(made.root.parent)
    assert command[command.index("--configfile") + 1] == str(made.root / "config.resolved.yaml")
    # Results that were moved are named by their new place.
    moved = made.root.rename(made.root.with_name("moved"))
    command = lineage.Tree(moved).command(moved / "reference" / "sub-01" / "sub-01_desc-coupling.tsv").split()
    assert f"results={moved}" in command and command[-1] == str(moved / "reference/sub-01/sub-01_desc-coupling.tsv")


def test_what_has_changed_or_gone_since_is_said(made, capsys):
    told = io.sidecar_path(made.clean)
    io.write_json(told, io.read_json(told) | {"Rule": "artefact", "Further": 1})
    (made.study / ATLAS["labels"]).unlink()
    text = explained(capsys, made.coupling)
    assert "sub-01_desc-clean.tsv  ← rule artefact, variant reference  (has changed since)" in text
    assert "atlas/labels.nii.gz  ← input  (no longer there)" in text


def test_explain_of_a_raw_file_tells_what_downstream_of_it(made, capsys):
    text = explained(capsys, made.study / "raw" / "lfp.vhdr", "--results", made.root)
    rules = [line.split("rule ")[1].split(",")[0] for line in text.splitlines() if "→" in line]
    assert rules == ["artefact", "coupling", "figures_study"]
    text = explained(capsys, made.study / "atlas" / "labels.nii.gz", "--results", made.root)
    assert "artefact" not in text and "coupling" in text


def test_many_sources_of_a_kind_stand_as_one(made, capsys):
    """A group table of five scans names one; all of them where asked."""
    scans = {f"t{i}": made.root / "reference" / f"sub-0{i}" / f"sub-0{i}_desc-temporal.tsv" for i in range(5)}
    for i, path in enumerate(scans.values()):
        run(made.root, "coupling", {"a": made.clean}, {"b": path}, {"bands": {}}, made.study, row={"scan": i})
    table = made.root / "reference" / "group" / "temporal.tsv"
    run(made.root, "variance", scans, {"table": table}, {}, made.study)
    text = explained(capsys, table)
    assert text.count("_desc-temporal.tsv") == 1 and "… and 4 more like it" in text
    assert explained(capsys, table, "--all").count("_desc-temporal.tsv") == 5


def test_a_recording_that_was_left_out_says_so(made, capsys):
    told = io.sidecar_path(made.coupling)
    io.write_json(told, io.read_json(told) | {"Excluded": {"Step": "motion", "Reason": "moved"}})
    assert "excluded at motion: moved" in explained(capsys, made.coupling)


def test_files_of_an_earlier_version_are_told_as_far_as_they_go(made, capsys):
    info = {"GeneratedBy": [{"Name": "lfpbold", "Version": "0.0.9"}], "Rule": "coupling", "Variant": "reference"}
    io.write_json(io.sidecar_path(made.coupling), info | {"SettingsHash": "abc", "Sources": [str(made.clean)]})
    text = explained(capsys, made.coupling)
    assert "code not recorded, settings abc" in text and "sub-01_desc-clean.tsv  ← rule artefact" in text


def test_errors_say_the_way_out(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loose.tsv").write_text("r\n", encoding="utf-8")
    (made.root / "reference" / "notes.txt").write_text("", encoding="utf-8")
    for path, said in (
        (tmp_path / "gone.tsv", "there is no such file"),
        (tmp_path / "loose.tsv", "--results RESULTS"),
        (made.root / "reference" / "notes.txt", "no sidecar"),
        (made.root / "logs" / "reference" / "artefact" / "a.log", "no results"),
    ):
        with pytest.raises(InputError, match=said):
            lineage.explain(path)
    with pytest.raises(InputError, match=r"no result of .* was made from it"):
        lineage.explain(tmp_path / "loose.tsv", results=made.root)
    assert "rule provenance" in lineage.explain(made.root / "dataset_description.json")[0]


def test_the_results_folder_is_found_from_log_and_outputs(tmp_path):
    root = tmp_path / "logs" / "results"
    found = job.results_folder(root / "logs" / "reference" / "bold" / "x.log", [root / "reference" / "a.tsv"])
    assert found == root
    assert job.results_folder(root / "logs" / "report.log", [root / "report.html"]) == root


def test_a_sidecar_names_the_function_and_explain_prints_it(tmp_path, capsys):
    """Tables and maps get it from the record of the output; a job knows the columns of its tables."""
    root, raw = tmp_path / "results", tmp_path / "raw.nii"
    raw.write_text("bold", encoding="utf-8")
    folder = root / "reference" / "group"
    outputs = {"temporal": folder / "temporal.tsv", "temporal_sidecar": folder / "temporal.json"}
    outputs |= {"maps": folder / "state-a_site-M1_desc-lfp_statmap.nii.gz", "other": folder / "other.tsv"}
    snakemake = SimpleNamespace(
        rule="variance",
        log=[str(root / "logs" / "reference" / "variance.log")],
        input=Named(bold=str(raw)),
        output=Named(**{name: str(path) for name, path in outputs.items()}),
        params={"settings": {}},
        wildcards={"variant": "reference"},
        config={},
    )
    with job.start(snakemake) as step:
        assert set(step.columns) == set(step.tables) == {"temporal"} and "n_eff" in step.tables["temporal"]
        io.write_table(step.output.temporal, [{"r": 0.5}], step.tables["temporal"], info=step.info)
        io.write_table(step.output.other, [], {"r": ("", "")}, info=step.info)
        Path(step.output.maps).write_bytes(b"map")
        io.write_json(io.sidecar_path(step.output.maps), step.info)
    read = {name: io.read_json(io.sidecar_path(outputs[name])) for name in ("temporal", "maps", "other")}
    assert read["temporal"]["Function"] == "lfpbold.coupling.correlation.temporal"
    assert list(read["temporal"])[:3] == ["GeneratedBy", "Rule", "Function"] and read["temporal"]["n_eff"]
    assert read["maps"]["Function"] == "lfpbold.networks.averages.average"
    assert "Function" not in read["other"]
    io.write_json(root / "dataset_description.json", {})
    (root / "config.resolved.yaml").write_text("{}\n", encoding="utf-8")
    told = lineage.explain(outputs["temporal"], results=root)
    assert any("computed by lfpbold.coupling.correlation.temporal" in line for line in told)


@pytest.fixture
def with_companions(made):
    """The first stage again, of LFP with the files that belong to it, ten parts of a folder among them."""
    raw = made.study / "raw"
    names = ["lfp.vmrk", "bold.json", *(f"block/{number}.ncs" for number in range(10))]
    for name in names:
        (raw / name).parent.mkdir(exist_ok=True)
        (raw / name).write_text(name, encoding="utf-8")
    row = {"lfp": str(raw / "lfp.vhdr"), "bold": str(raw / "bold.nii"), "input": {}, "where": "x"}
    inputs = {"lfp": row["lfp"], "bold": row["bold"], **{name: raw / name for name in names}}
    run(made.root, "artefact", inputs, {"clean": made.clean}, {"input": {}}, made.study, row=row)
    return made


def test_a_companion_that_was_corrected_since_is_told(with_companions):
    told = with_companions.study / "raw" / "lfp.vmrk"
    assert "raw/lfp.vmrk  ← input\n" in "\n".join(lineage.explain(with_companions.clean))
    told.write_text("corrected", encoding="utf-8")
    assert "raw/lfp.vmrk  ← input  (has changed since)" in "\n".join(lineage.explain(with_companions.clean))


def test_of_a_companion_it_is_told_what_came_of_it(with_companions):
    lines = lineage.explain(with_companions.study / "raw" / "bold.json", results=with_companions.root)
    assert "→ rule artefact, variant reference" in lines[1]


def test_many_files_of_a_folder_are_told_as_one_and_all(with_companions):
    short, long = ("\n".join(lineage.explain(with_companions.clean, everything=every)) for every in (False, True))
    assert "raw/block/0.ncs  ← input\n" in short and "… and 9 more like it" in short and "block/5" not in short
    assert all(f"raw/block/{number}.ncs" in long for number in range(10))
