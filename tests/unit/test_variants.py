"""Variants: what they inherit, grids, whose files they use, and that many of them are planned in seconds."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

import pytest
import yaml

from lfpbold.errors import InputError
from lfpbold.study import settings
from lfpbold.workflow import plan as workflow

LABELS = {"atlas": {"labels": "labels.nii.gz"}}


def loaded(**variants):
    return settings.load([], {**LABELS, "variants": {"reference": {}, **variants}})


def refused(**variants):
    with pytest.raises(InputError) as error:
        loaded(**variants)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_chain_of_parents_is_laid_over_from_the_first():
    found = loaded(
        child={"inherits": "parent", "hrf": {"detrend": "linear"}, "bold": {"fwhm_mm": 0}},
        parent={"inherits": "grandparent", "bold": {"fwhm_mm": 1.5}},
        grandparent={"bold": {"fwhm_mm": 1, "global_signal": False}},
    )
    child = settings.variant(found, "child")
    assert (child["bold"]["fwhm_mm"], child["bold"]["global_signal"], child["hrf"]["detrend"]) == (0, False, "linear")
    assert settings.variant(found, "parent")["bold"]["fwhm_mm"] == 1.5
    assert child["bold"]["motion"] is found["bold"]["motion"]
    # What is resolved says itself what it changes.
    assert found["variants"]["child"] == {"bold": {"fwhm_mm": 0, "global_signal": False}, "hrf": {"detrend": "linear"}}


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"a": {"inherits": "b"}, "b": {"inherits": "c"}, "c": {"inherits": "a"}}, "a → b → c → a"),
        ({"a": {"inherits": "a"}}, "a → a"),
        ({"rigorous": {}, "a": {"inherits": "rigourous"}}, "did you mean `rigorous`?"),
        ({"a": {"inherits": "b"}, "b": {"bold": {"globalsignal": False}}}, "did you mean `global_signal`?"),
        ({"a": {"bold": None}}, "bold"),
        ({"a": {"seed": 3}}, "the same in every variant"),
        ({"logs": {}}, "is reserved"),
        ({"con": {}}, "is reserved"),
        ({"NO": {}, "no": {}}, "upper and lower case"),
        ({"a": {"grid": {"bold.fwhm": [1, 2]}}}, "did you mean `fwhm_mm`?"),
        ({"a": {"grid": {"bodl.fwhm_mm": [1, 2]}}}, "did you mean `bold`?"),
        ({"a": {"grid": {"bold": [{}, {"fwhm_mm": 1}]}}}, "write section.key"),
        ({"a": {"grid": {"seed": [1, 2]}}}, "the same in every variant"),
        ({"a": {"grid": {"bold.fwhm_mm": [1, 1]}}}, "twice"),
        ({"a": {"grid": {"bold.fwhm_mm": []}}}, "variants.a.grid"),
        ({"a": {"grid": {"bold.fwhm_mm": [1, -1]}}}, "variant `a-002`: bold.fwhm_mm"),
        ({"a": {"grid": {"bold.fwhm_mm": [1, 2]}}, "a-001": {}}, "a-001"),
        ({"a": {"grid": {"states.asleep.fd_mm": [1, 2]}}}, "no further settings"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(variants, said):
    assert said in refused(**variants)


def test_a_grid_is_one_variant_per_combination():
    responses = {"study": [4, 4, 1, 1, 6, 0, 32], "canonical": [6, 16, 1, 1, 6, 0, 32]}
    found = loaded(
        edges={
            "hrf": {"detrend": "linear"},
            "grid": {"bold.band_pass_hz": [[0.01, 0.1], [0.01, 0.2], None], "hrf.p": responses},
        }
    )
    names = [f"edges-{i:03d}" for i in range(1, 7)]
    assert list(found["variants"]) == ["reference", *names]
    product = itertools.product([[0.01, 0.1], [0.01, 0.2], None], responses.items())
    for name, (band, (label, p)) in zip(names, product, strict=True):
        complete = settings.variant(found, name)
        assert complete["bold"]["band_pass_hz"] == band
        assert complete["hrf"]["p"] == p
        assert complete["hrf"]["detrend"] == "linear"
        text = "null" if band is None else f"[0.01, {band[1]}]"
        assert complete["choices"] == {"bold.band_pass_hz": None if band is None else text, "hrf.p": label}
    assert settings.multiverses(found) == {"edges": names}
    assert settings.count(found).startswith("7 variants: reference, 6 of the grid edges (3 × 2")
    assert "choices" not in settings.variant(found, "reference")


def test_a_grid_may_vary_a_setting_of_a_table():
    found = loaded(scrub={"grid": {"states.awake.fd_mm": [0.05, 0.2]}})
    for name, limit in (("scrub-001", 0.05), ("scrub-002", 0.2)):
        states = settings.variant(found, name)["states"]
        assert states["awake"] == {**found["states"]["awake"], "fd_mm": limit}
        assert states["sedated"] == found["states"]["sedated"]


def test_a_child_inherits_a_grid_and_what_it_fixes_leaves_it():
    found = loaded(
        parent={"grid": {"bold.fwhm_mm": [0, 1], "bold.global_signal": [True, False]}},
        child={"inherits": "parent", "bold": {"global_signal": False}, "grid": {"hrf.detrend": ["linear", "constant"]}},
    )
    assert sum(name.startswith("parent-") for name in found["variants"]) == 4
    children = [settings.variant(found, f"child-00{i}") for i in range(1, 5)]
    assert {(c["bold"]["fwhm_mm"], c["hrf"]["detrend"]) for c in children} == {
        (0, "linear"), (0, "constant"), (1, "linear"), (1, "constant"),
    }  # fmt: skip
    assert not any(c["bold"]["global_signal"] for c in children)


def test_paths_in_a_grid_are_relative_to_the_file(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("variants: {reference: {}, a: {grid: {atlas.labels: [one.nii, two.nii]}}}", encoding="utf-8")
    found = settings.load([path], LABELS)
    assert settings.variant(found, "a-002")["atlas"]["labels"] == str(tmp_path / "two.nii")
    assert settings.variant(found, "a-002")["choices"] == {"atlas.labels": "two.nii"}


def test_a_grid_has_a_bound_that_counts_before_anything_is_made():
    many = {f"{section}.{key}": [i / 1000 for i in range(1, 1001)] for section, key in (
        ("bold", "fwhm_mm"), ("power", "window_s"), ("power", "step_s"), ("coupling", "seed_radius_mm"),
    )}  # fmt: skip
    began = time.perf_counter()
    said = refused(big={"grid": many})
    assert time.perf_counter() - began < 5
    assert "1000000000001 variants" in said
    assert "1000 × 1000 × 1000 × 1000" in said
    assert "run.most_variants, 64" in said
    more = {"grid": {"bold.fwhm_mm": [i / 100 for i in range(80)]}}
    assert "81 variants" in refused(a=more)
    found = settings.load([], {**LABELS, "run": {"most_variants": 81}, "variants": {"reference": {}, "a": more}})
    assert len(found["variants"]) == 81


def test_the_resolved_configuration_resolves_to_itself(tmp_path):
    found = loaded(
        b={"inherits": "a", "grid": {"hrf.p": {"x": [4, 4, 1, 1, 6, 0, 32], "y": [6, 16, 1, 1, 6, 0, 32]}}},
        a={"bold": {"fwhm_mm": 1}, "select": {"date": ["2024-01-01", None]}},
    )
    path = tmp_path / "resolved.yaml"
    path.write_text(yaml.safe_dump(found, sort_keys=False), encoding="utf-8")
    assert settings.load([path]) == found


def agrees(found, name, other, stage):
    """Whether two variants read the same for every stage up to one, looked at stage by stage."""
    complete = [settings.variant(found, which) for which in (name, other)]
    return all(
        settings.stage_settings(complete[0], s) == settings.stage_settings(complete[1], s)
        for s in settings.upstream(stage)
    )


def test_owners_are_the_first_that_agree():
    found = loaded(
        hrf={"hrf": {"p": [6, 16, 1, 1, 6, 0, 32]}},
        same={"bold": {"fwhm_mm": 0.75}},
        whole={"artefact": {"fs_hz": 1000.0}},  # 1000 and 1000.0 are one setting
        bins={"coupling": {"information_bins": 20}},
        lags={"coupling": {"lag_max_s": 10}},
        radius={"coupling": {"seed_radius_mm": 2}},
        gsr={"bold": {"global_signal": False}},
        both={"inherits": "gsr", "hrf": {"p": [6, 16, 1, 1, 6, 0, 32]}},
        filtered={"inherits": "gsr", "hrf": {"band_pass": "power"}},
        scrub={"states": {"awake": {"fd_mm": 0.2, "on_motion": "keep"}}},
        awake={"select": {"state": ["awake"]}},
        edges={"grid": {"bold.fwhm_mm": [0.75, 1], "networks.peak_percentile": [85, 90]}},
    )
    owners = settings.owners(found)
    names = list(found["variants"])
    for name in names:
        for stage in settings.STAGES:
            first = next(other for other in names if agrees(found, name, other, stage))
            assert owners[name, stage] == first, (name, stage)
    assert owners["both", "hrf"] == "hrf" and owners["both", "bold"] == "gsr" and owners["both", "coupling"] == "both"
    assert owners["whole", "artefact"] == "reference"
    assert owners["filtered", "hrf"] == "filtered"  # the regressors are filtered like its BOLD
    # What does not read the settings of the correlation is not computed again for them.
    assert owners["bins", "coupling"] == "bins"
    assert owners["bins", "networks"] == owners["bins", "nulls"] == "reference"
    assert (owners["lags", "networks"], owners["lags", "nulls"]) == ("reference", "lags")
    assert owners["radius", "networks"] == owners["radius", "nulls"] == "radius"
    # A selection changes the group and nothing else.
    of_recordings = {"artefact", "power", "motion", "bold", "hrf", "seed", "coupling", "networks", "nulls", "glm"}
    of_recordings |= {"evoked", "figures_recording"}
    assert {s for s in settings.STAGES if owners["awake", s] != "awake"} == of_recordings


def test_the_order_of_sites_reruns_nothing_and_that_of_bands_does():
    """Snakemake compares params as text: a config that is written anew in another order must look the same."""
    sites = {"M1": {"seed_label": [1]}, "ACC": {"seed_label": [2]}}
    bands = {"gamma": [40, 100], "delta": [1, 4]}
    two = [
        settings.load([], {**LABELS, "sites": s, "bands": b, "networks": {"removal_bands": ["gamma"]}})
        for s, b in ((sites, bands), (dict(reversed(sites.items())), dict(reversed(bands.items()))))
    ]
    coupling, power = ([str(settings.stage_settings(found, s)) for found in two] for s in ("seed", "power"))
    assert coupling[0] == coupling[1]
    assert power[0] != power[1]


def test_what_the_documentation_writes_can_be_run():
    text = (Path(__file__).parents[2] / "docs" / "reanalysis.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.S)]
    sizes = [len(settings.load([], {**LABELS, **block})["variants"]) for block in blocks]
    assert len(blocks) == 5
    # Nine and eighteen are what the text says of its two larger grids.
    assert sizes == [4, 9, 4, 6, 18]
    for command, rule in re.findall(r"--(until|forcerun) (\w+)", text):
        assert rule in settings.STAGES, command


def row(sub, run="1", state="sedated", site="M1", **more):
    start = {"sub": sub, "ses": "01", "task": "rest", "run": run, "state": state, "site": site, "exclude": ""}
    start |= {"channels": [], "bold": "b.nii", "lfp": "l.nwb", "scan_start_s": None, "input": {}}
    return start | {"where": f"sub-{sub}"} | more


def test_two_hundred_variants_of_two_hundred_recordings_are_planned_in_seconds():
    values = {"bold.fwhm_mm": [i / 10 for i in range(10)], "coupling.information_bins": list(range(2, 22))}
    rows = [row(f"{i:02d}", str(run)) for i in range(20) for run in range(10)]
    began = time.perf_counter()
    found = settings.load(
        [], {**LABELS, "run": {"most_variants": 201}, "variants": {"reference": {}, "m": {"grid": values}}}
    )
    plan = workflow.Plan(found, rows)
    paths = plan.expand_all("{variant}/{sub}_{run}_bold", "bold"), plan.expand_all("{variant}/{sub}_{run}", "coupling")
    assert time.perf_counter() - began < 15
    assert len(plan.variants) == 201
    # Ten different BOLD files of each recording and, as 10 bins are the default, 0.75 mm apart from all: 201 couplings.
    assert len(plan.owners("bold")) == 11
    assert len(paths[0]) == 11 * 200
    assert len(paths[1]) == 201 * 200
    assert plan.drawn == ["reference"]


def test_a_rule_asks_for_its_stage_and_gets_all_that_it_rests_on():
    found = loaded(wide={"bold": {"band_pass_hz": [0.01, 0.2]}}, filtered={"hrf": {"band_pass": "power"}})
    plan = workflow.Plan(found, [row("01")])
    for name, band in (("reference", [0.01, 0.1]), ("wide", [0.01, 0.2])):
        for stage in ("bold", "coupling", "networks", "nulls", "evoked", "mediation", "variance", "report"):
            assert plan.settings(name, stage)["bold"]["band_pass_hz"] == band, stage
        assert "bold" not in plan.settings(name, "hrf")
    assert plan.settings("filtered", "hrf")["bold"]["band_pass_hz"] == [0.01, 0.1]
    # One name or several.
    assert plan.settings("wide", ["coupling"]) == plan.settings("wide", "coupling")
    both = plan.settings("wide", ("evoked", "nulls"))
    assert {"evoked", "nulls"} <= both.keys()
    assert str(plan.settings("wide", ("nulls", "evoked"))) == str(both)  # as Snakemake compares them


def test_names_of_grids_are_told_apart_by_the_wildcard():
    found = loaded(a={"grid": {"bold.fwhm_mm": [0, 1]}}, a_0={})
    pattern = re.compile(rf"results/({'|'.join(found['variants'])})/group/x.tsv")
    for name in found["variants"]:
        assert pattern.fullmatch(f"results/{name}/group/x.tsv")[1] == name


def test_jobs_of_a_run_do_not_hang_on_a_site_or_a_note():
    first = row(
        "01", where="r.tsv: sub-01 site M1", input={"bold_scale": 1, "lfp_scale": 2}, note="a", date="2024-01-01"
    )
    other = row("01", site="ACC", lfp="k.nwb", where="r.tsv: sub-01 site ACC", input={"bold_scale": 1, "lfp_scale": 3})
    of_run = [workflow.read_by_jobs(found, recording=False) for found in (first, other)]
    assert of_run[0] == of_run[1]
    assert of_run[0]["input"] == {"bold_scale": 1}
    assert not {"note", "date"} & workflow.read_by_jobs(first).keys()
    assert workflow.read_by_jobs(first)["input"] == first["input"]
