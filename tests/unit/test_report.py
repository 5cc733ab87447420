"""The report says what the tables say, escapes what it did not write, and its methods follow the settings."""

import base64
import copy
import dataclasses
import html
import re

import numpy as np
import pytest

from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.report import citations, methods
from lfpbold.report import inputs as report_inputs
from lfpbold.report import page as report
from lfpbold.report.inputs import Recording, Variant
from lfpbold.report.views import nulls as nulls_view
from lfpbold.results import specification
from lfpbold.study import settings

NAN = float("nan")
PNG = b"\x89PNG not really"
MULTIUNIT = {"BandHz": [300, 2746.6], "BeforeUv": 610.0, "AfterUv": 8.7, "OutsideUv": 8.2, "ResidueUv": 2.9}
GROUP = {"state": "sedated", "site": "M1"}


@pytest.fixture
def config():
    return settings.load(
        [],
        {
            "atlas": {"labels": "labels.nii.gz"},
            "bands": {"delta": [1, 4], "gamma": [40, 100]},
            "networks": {"removal_bands": ["delta", "gamma"]},
        },
    )


def headline_rows(state="sedated", site="M1", **values):
    found = {
        "temporal_r": (0.38, 0.30, 0.45),
        "temporal_r2": (0.1444, 0.09, 0.2025),
        "spatial_r_scan": (0.61, 0.5, 0.7),
        "spatial_r2_scan": (0.3721, 0.25, 0.49),
        "spatial_r_group": (0.95, 0.9, 0.98),
        "spatial_r2_group": (0.9025, 0.81, 0.96),
        "seed_map_r_after_gamma": (0.988, 0.97, 0.99),
        "seed_map_slope_after_gamma": (0.93, 0.9, 0.95),
    }
    found |= values
    return [
        {
            "state": state,
            "site": site,
            "measure": name,
            "value": v[0],
            "ci_low": v[1],
            "ci_high": v[2],
            "unit": "",
            "n": 7.0,
            "n_animals": 2.0,
        }
        for name, v in found.items()
    ]


def recording(config, sub="01", run="1", **changes):
    row = {"sub": sub, "ses": "01", "task": "rest", "run": run, "state": "sedated", "site": "M1"}
    parts = {
        "lfp": {
            "Stage": "raw",
            "RawSamplingFrequency": 24414.0625,
            "ScanStart": 10.5,
            "ClockPpm": 20.123,
            "RepetitionTime": 1.0,
            "NumberOfVolumes": 300,
            "SliceAcquisitionsPerVolume": 20,
            "Notches": [20.0, 40.0, 60.0],
            "NotchWidth": 1.0,
            "Template": "per_slice",
        },
        "qc": {
            "Residue": {
                "rms_before_uv": 6000.0,
                "rms_after_uv": 201.5,
                "broadband_before_uv": 601.0,
                "broadband_after_uv": 9.5,
                "slice_harmonics_db": 0.3,
            }
        },
        "motion": {
            "Stage": "raw",
            "RepetitionTime": 1.0,
            "NumberOfVolumes": 300,
            "MotionReference": "first",
            "FdThreshold": 0.1,
            "Kept": 296,
            "Dropped": 4,
            "Registration": "none: already in atlas space",
        },
        "displacement": (0.021, 0.345),
        "bold": {
            "Stage": "raw",
            "Nuisance": [
                "constant",
                "trend",
                "trans_x",
                "trans_y",
                "trans_z",
                "rot_x",
                "rot_y",
                "rot_z",
                "white_matter",
                "ventricles",
                "global_signal",
            ],
            "BandPass": [0.01, 0.1],
            "FilterPadding": "odd",
            "FwhmMm": 0.75,
            "BrainVoxels": 6157,
        },
        "figures": {"artefact": PNG, "motion": PNG},
        "figure_paths": {"artefact": "a.png", "motion": "m.png"},
    }
    return Recording(row=row, **(parts | changes))


def variant(config, name="reference", recordings=None, **tables):
    scans = [
        {"sub": s, "ses": "01", "run": "1", "state": "sedated", "site": "M1", "band": b, "r": r}
        for s, b, r in (("01", "gamma", 0.2), ("02", "gamma", 0.6), ("01", "delta", -0.1), ("02", "delta", NAN))
    ]
    base = {name: [] for name in report_inputs.TABLES} | {
        "temporal": scans,
        "spatial": scans,
        "spatial_group": [
            {"state": "sedated", "site": "M1", "band": "gamma", "r": 0.95, "ci_low": 0.9, "ci_high": 0.98}
        ],
        "regression": [],
        "headline": headline_rows(),
        "excluded": [],
        "noise": [
            {
                "state": "sedated",
                "site": "M1",
                "cnr": 1.31,
                "observed_spatial": 0.61,
                "observed_temporal": 0.38,
                "true_temporal": 0.59,
                "r2": 0.35,
                "cnr_closed_form": 1.34,
                "true_temporal_closed_form": 0.592,
                "cnr_voxels": 1.29,
                "true_temporal_voxels": 0.6,
            }
        ],
    }
    pictures = {("headline",): PNG, ("bands",): PNG, ("noise",): PNG, ("maps", "sedated", "M1"): PNG}
    return Variant(name, config, base | tables, recordings or [recording(config)], pictures)


def full(config, name="reference", **changes):
    """A variant with every table filled and every figure drawn; each figure is unlike all others."""
    scan = {"sub": "01", "ses": "01", "run": "1", **GROUP}
    student = {"n": 4.0, "mean": 0.21, "t": 5.25, "df": 3.0, "p": 0.0135}
    animals = {"n_animals": 2.0, "mean_animals": 0.2, "t_animals": 3.1, "df_animals": 1.0, "p_animals": 0.199}
    tested = {"n_scans": 4.0, "n_animals": 2.0, "p": 0.002, "p_max": 0.012, "threshold": 0.19}
    tested |= {"p_animals": 0.21, "p_flip": 0.5, "p_flip_max": 0.5, "flip_floor": 0.5}
    tables = {
        "temporal": [
            scan | {"band": b, "r": r} for b, r in (("gamma", 0.38), ("shuffled_gamma", 0.01), ("slow", 0.07))
        ],
        "spatial": [scan | {"band": b, "r": r} for b, r in (("gamma", 0.58), ("shuffled_gamma", 0.02), ("slow", 0.3))],
        "spatial_group": [
            GROUP | {"band": b, "n_scans": 4, "r": r, "ci_low": r - 0.05, "ci_high": r + 0.02, "n_animals": 2}
            for b, r in (("gamma", 0.94), ("shuffled_gamma", 0.03), ("slow", 0.66))
        ],
        "lags": [
            GROUP | {"band": "gamma", "lag_s": lag, "n_scans": 4.0, "r": r, "sem": 0.04}
            for lag, r in ((-3.0, -0.12), (0.0, 0.1), (2.0, 0.41), (5.0, NAN))
        ],
        "hrfgrid": [
            GROUP
            | {
                "band": "gamma",
                "delay_s": d,
                "undershoot_s": u,
                "degenerate": x,
                "n_scans": 4.0,
                "r": r,
                "sem": 0.05,
            }
            for d, u, x, r in ((4.0, 4.0, 1.0, 0.5), (4.25, 7.5, 0.0, 0.44), (8.0, 2.0, 0.0, -0.2))
        ],
        "regression": [
            scan | {"removal": "gamma", "r": 0.97, "slope": 0.86},
            scan
            | {"sub": "group", "removal": "gamma", "r": 0.991, "slope": 0.88}
            | {"r_ci_low": 0.95, "r_ci_high": 0.995, "slope_ci_low": 0.8, "slope_ci_high": 0.93},
        ],
        "ttests": [
            GROUP | {"band": "gamma", "test": test, "measure": m} | student | animals
            for test, m in (("spatial_minus_temporal", "rho"), ("lfp_minus_multiunit", "z"))
        ],
        "states": [
            {"site": "M1", "band": "gamma", "measure": "temporal", "state_a": "sedated", "state_b": "awake"}
            | {"n_a": 4.0, "n_b": 3.0, "mean_a": 0.38, "mean_b": 0.05, "difference": -0.33, "t": -4.2, "df": 4.6}
            | {"p": 0.0004, "n_animals": 2.0, "difference_animals": -0.31, "ci_low": -0.6, "ci_high": -0.02}
            | {"p_animals": 0.045}
        ],
        "multiunit": [
            scan
            | {"run": str(i), "band": "gamma", "r_lfp": 0.4, "r_multiunit": 0.3, "r_lfp_partial": 0.25}
            | {"r_multiunit_partial": 0.09, "r_between": 0.7, "band_low_hz": 300.0, "band_high_hz": 2746.6}
            | {"artefact_uv": 610.0, "after_uv": 8.7, "outside_uv": outside, "outside_s": 13.0, "residue_uv": residue}
            for i, (outside, residue) in enumerate(((8.2, 2.9), (8.4, 3.1), (NAN, NAN)))
        ],
        "information": [
            scan | {"band": "gamma", "mi": 0.121, "chance": 0.051, "spatial_r": 0.62},
            scan | {"sub": "group", "band": "gamma", "mi": NAN, "chance": NAN, "spatial_r": 0.93},
        ],
        "mediation": [
            GROUP
            | {"sub": "group", "band": "gamma", "measure": measure, "voxels": "all", "n_scans": 4.0, "n_animals": 2.0}
            | {"observed": seen, "expected": seen - 0.03, "null_low": 0.86, "null_high": 0.93, "percentile": 0.991}
            | {"p": 0.018, "difference": 0.03, "difference_low": 0.01, "difference_high": 0.05}
            for measure, seen in (("spatial_r", 0.94), ("removal_r", 0.92))
        ],
        "k": [
            GROUP
            | {
                "level": "averaged",
                "k": 0.156,
                "ci_low": 0.1,
                "ci_high": 0.2,
                "k_noise": 0.04,
                "r2": 0.95,
                "n": 5.0,
            }
        ],
        "reliability": [
            GROUP
            | {"band": "gamma", "measure": "spatial", "n": 4.0, "n_animals": 2.0, "r": 0.41, "reliability_x": 0.3}
            | {"reliability_y": 0.8, "value": 1.06, "low": 0.7, "high": 1.3, "cnr": 0.98, "reason": ""}
            | {
                "bootstrap_low": 0.6,
                "bootstrap_high": 1.4,
                "cnr_study": 1.31,
                "simulated_r": 0.47,
                "closed_form_r": 0.46,
            },
            GROUP
            | {"band": "gamma", "measure": "spatial_animals", "n": 4.0, "n_animals": 2.0, "r": 0.3, "low": NAN}
            | {"reliability_x": -0.1, "reliability_y": 0.8, "value": NAN, "high": NAN, "cnr": NAN}
            | {"reason": "reliability is not above zero"},
        ],
        "significance": [
            GROUP | {"measure": measure, "family": family, "band": band, "lag_s": lag, "r": r} | tested
            for measure, family, band, lag, r in (
                ("temporal", "bands", "gamma", NAN, 0.37),
                ("spatial", "bands", "gamma", NAN, 0.57),
                ("lag", "lags", "gamma", 2.0, 0.36),
                ("temporal", "bins", "f040", NAN, 0.3),
                ("temporal", "bins", "f041", NAN, 0.31),
            )
        ],
        "bins": [
            scan | {"band": band, "p_phase_max": 0.2, "p_spatial_max": p} for band, p in (("f040", 0.01), ("f041", 0.2))
        ],
        "pairing": [
            scan
            | {"sub": sub, "band": "gamma", "r": 0.33, "expected": 0.02, "p": 0.011, "n_pairs": 200.0}
            | {"n_animals": 2.0, "mean_animals": 0.32, "p_animals": 0.27}
            for sub in ("group", "01")
        ],
        "inter_scan": [
            GROUP
            | {"band": "gamma", "map": of, "within": w, "between": 0.44, "between_low": NAN, "between_high": NAN}
            | {"of_average": average, "n_scans": 4.0, "n_animals": 2.0}
            for of, w, average in (("lfp", 0.55, 0.66), ("disattenuated", NAN, NAN))
        ],
        "coherence": [
            scan | {"band": "gamma", "coherence": 0.21, "bias": 0.09, "p": 0.001, "p_animals": 0.03, "n_tapers": 11.0}
        ],
        "windows": [scan | {"band": "gamma", "sd": 0.36, "sd_expected": 0.35, "p": 0.4, "p_animals": 0.41}],
        "hrfchoice": [
            GROUP
            | {"band": "gamma", "sub": sub, "method": method, "delay_s": d, "undershoot_s": 2 * d, "r": r + 0.01 * i}
            | {"r_in_sample": r + 0.05, "optimism": 0.05}
            for method, d, r in (("config", NAN, 0.3), ("grid", 4.5, 0.32), ("fir", NAN, 0.35))
            for i, sub in enumerate(("group", "01", "02"))
        ],
        "explained": [
            GROUP | {"sub": sub, "n_scans": 4.0, "r": r, "r2": 0.12, "p": 0.02}
            for sub, r in (("group", 0.4), ("01", -0.1))
        ],
        "commonality": [
            GROUP | {"bands": b, "n_scans": 4.0, "part": part} for b, part in (("all", 0.2), ("a+b", 0.15))
        ],
        "cross_scan": [GROUP | {"band": "gamma", "pair": "other_animals", "n": 4.0, "r": 0.41}],
        "nulls": [
            scan
            | {"band": "gamma", "spatial_r_observed": 0.5, "spatial_r_null_low": 0.4, "spatial_r_null_high": 0.6}
            | {"information": 0.071, "information_bias": 0.012, "p_information": 0.01}
        ],
        "yardstick": [
            GROUP | {"band": b, "measure": m, "published": p, "ours": o, "n_scans": n, "published_n": 159.0}
            for b, m, p, o, n in (
                ("gamma", "temporal", 0.37, 0.38, 4.0),
                ("gamma", "spatial_group", 0.95, 0.94, 4.0),
                ("delta", "temporal", -0.2, NAN, 0.0),
                ("gamma", "lag_s", 2.0, 2.5, 4.0),
                ("gamma", "cnr", 1.3, 1.31, 4.0),
            )
        ],
    }
    base = variant(config, name=name, **tables)
    keys = [(kind,) for kind in report_inputs.STUDY_FIGURES]
    keys += [(kind, "sedated", "M1") for kind in report_inputs.GROUP_FIGURES]
    drawn = {key: b"PNG of " + " ".join((name, *key)).encode() for key in keys}
    return dataclasses.replace(
        base, figures=drawn, captions={key: f"Told of {' '.join(key)}." for key in keys}, **changes
    )


def page(config, *variants):
    described = {
        "GeneratedBy": [{"Name": "numpy", "Version": "2.3.4"}],
        "ConfigHash": "abc123",
        "Seed": 2024,
        "Inputs": [{"Path": "x.nii"}],
    }
    return report.build(list(variants) or [variant(config)], config, described)


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def method_words(config, recordings=None):
    return words(" ".join(text for _, text in methods.sections(variant(config, recordings=recordings))))


def test_headline_sentence_quotes_the_table(config):
    found = report.headline_sentence(headline_rows(), "sedated", "M1", config)
    assert (found["who"], found["n"]) == ("M1, sedated", "n = 7 scans of 2 animals")
    assert (
        found["text"].replace("\u00a0", " ")
        == "gamma power explained 14 % of the temporal variance of the BOLD signal at the electrode (r = .38, 95 % CI "
        ".30 to .45 over animals; two animals: one degree of freedom). "
        "The map of the same power agreed with the seed map at r = .61 (37 % of spatial "
        "variance) scan by scan and r = .95 (90 %) for averaged maps. After regressing gamma out, the seed map "
        "correlated .988 with what it was (slope .93)."
    )


def test_headline_sentence_says_what_is_missing(config):
    no_maps = {name: (NAN, NAN, NAN) for name in ("spatial_r_scan", "spatial_r_group", "seed_map_r_after_gamma")}
    rows = headline_rows(temporal_r=(-0.38, NAN, NAN), **no_maps)
    text = report.headline_sentence(rows, "sedated", "M1", config)["text"]
    assert "−.38, no interval from fewer than two animals" in text
    assert "Maps were not compared" in text
    assert "nan" not in text
    assert "left out" in report.headline_sentence([], "awake", "M1", config)["text"]


def test_every_section_is_there_and_linked(config):
    text = page(config)
    for name in (*report.SECTIONS, "provenance"):
        assert text.count(f'id="{name}"') == 1
        assert f'href="#{name}"' in text


def test_several_variants_have_sections_of_their_own(config):
    other = copy.deepcopy(config)
    other["bold"]["global_signal"] = False
    text = page(config, variant(config), variant(other, name="no_gsr"))
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {"headline", "no_gsr-headline", "no_gsr-methods"} <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert "bold.global_signal: False (otherwise True)" in text


def test_tables_show_the_numbers_given(config):
    text = words(page(config))
    assert "M1 sedated .38 14 % .61 37 % .95 90 % .988 (.93) – – –" in text  # a row of the summary
    assert "M1 sedated gamma 2 .40 .40 .95 .90 to .98" in text  # means of .2 and .6
    assert "M1 sedated delta 2 −.10 −.10 n/a –" in text
    assert "M1 sedated .61 .38 1.31 1.29 1.34 .59 .60 .59 .35 excludes 0" in text
    assert "sub-01 ses-01 run-1 M1 raw +20.12 10.500 6000.0 201.5 601.0 9.5 +0.3" in text
    assert "sub-01 ses-01 run-1 sedated raw 0.021 0.345 0.1 296 4 none: already in atlas space kept" in text
    assert "abc123" in text and "numpy 2.3.4" in text


def test_html_in_names_is_escaped(config):
    evil = "<script>alert(1)</script>"
    excluded = [
        {
            "sub": evil,
            "ses": "01",
            "run": "1",
            "state": evil,
            "site": "",
            "step": "motion",
            "kind": "unusable",
            "reason": evil,
            "first_volume": 3.0,
            "last_volume": 5.0,
            "n_volumes": 3.0,
        }
    ]
    text = page(config, variant(config, excluded=excluded, headline=headline_rows(state=evil)))
    assert "<script" not in text
    assert html.escape(evil) in text


def test_nothing_comes_from_elsewhere(config):
    text = page(config)
    assert "data:image/png;base64," in text
    assert not re.findall(r'<(?:link|script|img|iframe|source)[^>]+(?:src|href)="(?!data:)', text)
    assert "@import" not in text and "url(" not in text


def test_a_missing_figure_is_said(config):
    assert "This figure was not made." in page(config)  # no scatter was given


def test_methods_follow_the_settings(config):
    before = method_words(config)
    assert "percentile 85" in before and "±20 s" in before and "0.1–300 Hz" in before and "radius of 5 mm" in before
    changed = copy.deepcopy(config)
    changed["networks"]["peak_percentile"] = 90
    changed["coupling"]["lag_max_s"] = 12
    changed["artefact"]["band_pass_hz"] = [1, 200]
    changed["motion"]["radius_mm"] = 50
    changed["hrf"]["p"] = [6, 16, 1, 1, 6, 0, 32]
    changed["variance"]["confidence"] = 0.9
    after = method_words(changed)
    for expected in (
        "percentile 90",
        "±12 s",
        "1–200 Hz",
        "radius of 50 mm",
        "p = [6, 16, 1, 1, 6, 0, 32]",
        "intervals (90 %)",
    ):
        assert expected in after
        assert expected not in before


def test_methods_follow_what_ran(config):
    text = method_words(config)
    assert "Registration was skipped in 1 run" in text
    assert (
        "+20.12 ppm" in text
        and "notched at mains 60 Hz and slice rate 20 Hz with their multiples up to 60 Hz" in text
        and "24414.0625 Hz" in text
    )
    assert (
        "6157 voxels" in text and "6 motion parameters" in text and "global signal" in text and "a linear trend" in text
    )
    midway = recording(
        config,
        lfp={"Stage": "power", "RawSamplingFrequency": 6.25, "ClockPpm": 0.0, "Notches": []},
        motion={
            "Stage": "clean",
            "NumberOfVolumes": 2415,
            "RepetitionTime": 0.16,
            "MotionReference": None,
            "Registration": "none: entered realigned",
        },
        bold={"Stage": "clean", "Nuisance": [], "BandPass": None, "FwhmMm": 0, "BrainVoxels": 1},
    )
    text = method_words(config, [midway])
    assert "1 recording entered as band power or envelope" in text
    assert "1 run entered ready for correlation (1 voxel)" in text
    assert "2415 volumes at a repetition time of 0.16 s" in text
    for absent in ("template", "rigidly aligned", "smoothed with", "notched", "Registration"):
        assert absent not in text


def test_methods_count_what_was_dropped(config):
    dropped = recording(config, run="2")
    dropped.motion["Excluded"] = {"Step": "motion", "Reason": "moved"}
    text = method_words(config, [recording(config), dropped])
    assert "1 run was left out as a whole for motion, and of the others 4 volumes" in text
    assert "was dropped (1 of 2)" in text
    assert "other reasons" not in text
    unread = recording(config, run="3", motion={"Excluded": {"Step": "motion", "Reason": "not readable"}}, bold={})
    text = method_words(config, [recording(config), dropped, unread])
    assert "1 run was left out as a whole" in text and "1 recording was left out for other reasons" in text


def test_whole_recordings_and_blocks_of_volumes_are_listed_apart(config):
    base = {"sub": "01", "ses": "01", "state": "awake", "site": "", "step": "motion", "kind": "criterion"}
    whole = {**base, "run": "1", "reason": "too much", "first_volume": NAN, "last_volume": NAN, "n_volumes": NAN}
    block = {**base, "run": "2", "reason": "one jump", "first_volume": 0.0, "last_volume": 2.0, "n_volumes": 3.0}
    text = words(page(config, variant(config, excluded=[whole, block])))
    assert "sub-01 ses-01 run-1 awake all motion criterion too much Blocks of volumes (1)" in text
    assert "sub-01 ses-01 run-2 awake all motion one jump 3 0 to 2" in text


def test_citations_are_numbered_in_order_and_escape_the_rest():
    paragraphs, references = citations.numbered([("One", "a <b> [@tu2022] and [@tu2024]"), ("Two", "again [@tu2022]")])
    assert [key for key, _, _ in references] == ["tu2022", "tu2024"]
    assert "&lt;b&gt;" in paragraphs[0][1]
    assert words(paragraphs[0][1]).endswith("[1] and [2]") and words(paragraphs[1][1]).endswith("[1]")


def test_every_citation_is_known_and_used(config):
    recorded = recording(config)
    recorded.lfp["Multiunit"] = MULTIUNIT
    config["nulls"]["surrogates"] = 100
    config["artefact"] |= {"components": 2, "average": "sliding", "jitter": "volumes"}
    config["connectivity"]["components"] = 8
    recorded.lfp["TemplateKnotsPerSample"] = 4
    projected = recording(config, run="2")
    projected.bold.update({"Filtering": "projector", "DegreesOfFreedom": 208})
    driven = recording(config, run="3")
    driven.row.update({"task": "whisker", "state": "sedatedWhisker", "events": "events.tsv"})
    text = " ".join(text for _, text in methods.sections(variant(config, recordings=[recorded, projected, driven])))
    assert "1 run had stimuli, and forms groups of its own" in text
    assert set(re.findall(r"\[@(\w+)\]", text)) == set(citations.REFERENCES)
    assert "Here each volume's template is the mean of the nearest 25 volumes; where the artefact was aliased" in text
    assert "a least-squares spline of 4 knots a sample" in text and "2 principal components of the residue" in text
    assert "208 degrees of freedom; the LFP regressors went through the same projection" in text


def test_a_variant_that_shares_files_points_to_them(config):
    shared = recording(config, figures={}, figure_paths={})
    other = dataclasses.replace(
        variant(config, name="other", recordings=[shared]), shares={"artefact": "reference", "motion": "reference"}
    )
    text = words(page(config, variant(config), other))
    assert text.count("The same files as in variant reference; figures stand there.") == 2


def test_figures_beyond_the_limit_are_named(config):
    text = page(config, variant(config, recordings=[recording(config, figures={})]))
    assert "<code>a.png</code>" in text and "<code>m.png</code>" in text


def test_a_group_without_maps_has_none(tmp_path):
    path = tmp_path / "state-awake_site-M1_desc-lfp_statmap.nii.gz"
    files.write_image(path, np.full((2, 2, 2), NAN), np.eye(4))
    files.write_json(files.sidecar_path(path), {"Bands": []})
    assert inputs.named_maps(path, "Bands") == {}
    assert inputs.named_maps(path, "Maps") == {}
    path.write_bytes(b"")
    assert inputs.named_maps(path, "Bands") == {}


def test_the_noise_argument_is_called_what_it_is(config):
    text = words(re.sub(r"<figcaption>.*?</figcaption>", "", page(config)))
    assert "true temporal r" not in text
    assert "temporal r if space and time suffered the same noise" in text
    assert "the study's argument and not a measurement" in text
    rows = headline_rows(spatial_r_scan=(0.1, -0.2, 0.4))
    assert "meaningless: includes 0" in words(page(config, variant(config, headline=rows)))


def test_warnings_of_a_recording_are_shown(config):
    assert "Warnings of artefact removal" not in page(config)
    warned = recording(config)
    warned.lfp["Warnings"] = ["channel A1: 14 % is left", "<b>"]
    text = page(config, variant(config, recordings=[warned]))
    assert "sub-01 ses-01 run-1 M1: channel A1: 14 % is left; &lt;b&gt;" in text


def test_a_dropped_scan_keeps_no_volume(config):
    dropped = recording(config)
    dropped.motion["Excluded"] = {"Step": "motion", "Reason": "moved"}
    text = words(page(config, variant(config, recordings=[dropped])))
    assert "0.021 0.345 0.1 0 4 none: already in atlas space left out" in text


def test_captions_count_scans_animals_and_voxels(config):
    shown = variant(config)
    assert report.facts(shown, "sedated", "M1") == {
        "scans": 2,
        "animals": 2,
        "text": "2 scans of 2 animals, 6157 voxels",
    }
    assert report.facts(shown, "awake", "M1")["text"] == "no scan"
    assert "2 scans of 2 animals, 6157 voxels" in words(page(config, shown))


def test_methods_say_where_the_clock_and_slice_times_came_from(config):
    text = method_words(config)
    assert "start of the scan was taken" not in text and "Slice timing was" not in text
    first, second = recording(config), recording(config, run="2")
    first.lfp.update(ClockFrom="triggers", SliceTiming="from the sidecar")
    second.lfp.update(
        ClockFrom="scan_start_s",
        SliceTiming="assumed: evenly spaced along the third axis",
        RawSamplingFrequency=1024.0,
    )
    text = method_words(config, [first, second])
    assert "taken from triggers in 1 recording and the sheet (scan_start_s) in 1 recording" in text
    assert "Slice timing was not in the sidecar of 1 recording" in text
    assert "sampled at 1024 and 24414.0625 Hz" in text


def test_methods_of_one_voxel_tell_of_no_maps(config):
    text = method_words(config, [recording(config, bold=recording(config).bold | {"BrainVoxels": 1})])
    assert "at least three voxels" in text
    for absent in ("seed map", "jackknife", "CNR"):
        assert absent not in text


def test_methods_say_that_regressors_were_not_regressed_on_nuisance(config):
    shown = recording(config)
    shown.bold["VolumesKept"] = list(range(300))
    told = "with 300 volumes and 11 nuisance regressors, this alone lowers r"
    config["hrf"]["band_pass"] = "none"
    assert told in method_words(config, [shown])
    config["hrf"]["band_pass"] = "regressor"
    assert told not in method_words(config, [shown])


def test_figures_are_shown_at_one_scale():
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (675).to_bytes(4, "big")
    assert report.shown_width(header) == 540  # 4.5 inches


def embedded(text):
    """What each image of the page holds, in order."""
    return [base64.b64decode(found) for found in re.findall(r'src="data:image/png;base64,([^"]*)"', text)]


def section(text, name):
    """One section of the page, from its anchor to the next section."""
    return re.search(rf'<section id="{name}">.*?(?=<section id=|</main>)', text, re.S)[0]


def test_the_page_follows_the_study(config):
    text = page(config, full(config))
    ids = re.findall(r'<section id="([^"]+)"', text)
    assert ids == [
        *("headline", "more", "yardstick", "panels-sedated-M1", "controls", "bands", "artefact", "motion", "excluded"),
        *("methods", "provenance"),
    ]
    panels = re.findall(r'<h3 id="panels-sedated-M1-(\w+)">', section(text, "panels-sedated-M1"))
    assert panels == list(report.PANEL_TITLES)
    assert [kind for kind in panels if kind not in ("without", "noise")] == list(report_inputs.GROUP_FIGURES)
    named = " ".join(re.findall(r'<span class="tag">(.*?)</span>', text))
    for panel in ("1B", "1D", "2H", "1-s2", "1-s3", "2-s2", "2-s1", "3A", "3C–G", "3-s1", "4D", "5-s1"):
        assert re.search(rf"\b{panel}\b", named), panel


def test_the_disparity_beyond_algebra_has_its_own_headline(config):
    """Observed, expected under mediation, and the difference with its interval; scans beside; the law and its k."""
    told = words(section(page(config, full(config)), "more"))
    assert "agreed with the seed map at r = .94; a regressor that touches the brain only through" in told.replace(
        "\u00a0", " "
    )
    assert (
        "gives .91 (.86 to .93). Difference .03 (95 % CI .01 to .05, bootstrap over animals; too narrow with so few)."
        in told
    )
    assert "That is more than mediation explains." in told
    assert "1 of 1 lay inside their own interval" in told
    assert "0.156" in told and "0.040" in told and "other animals .41" in told
    assert 'id="more"' not in page(config, variant(config))


def test_chance_is_told_over_scans_and_over_animals_side_by_side(config):
    told = words(section(page(config, full(config)), "more"))
    for expected in (
        "p values that are not called family-wise are not corrected for the number of bands",
        "M1, sedated: 4 scans of 2 animals, with which the exact sign-flip test cannot give less than p = .50",
        "M1 sedated gamma .37 .002 .01 .21 .50 .50",  # in time: surrogates, family-wise, t, sign-flip
        "M1 sedated gamma .57 .002 .01 .21 .50 .50",  # in space
        "M1 sedated gamma +2 .36 .19 .002 .01 .21 .50 .50",  # the strongest lag and its threshold
        "M1 sedated temporal 2 2 0 0.0 40–42",  # bins, beyond chance, by sign-flip, in a scan, where
        "M1 sedated spatial 2 – – 1.0 –",
        "M1 sedated gamma .33 .02 .01 .27 2",  # pairing
    ):
        assert expected in told, expected


def test_noise_is_measured_beside_what_the_study_supposes(config):
    told = words(section(page(config, full(config)), "more"))
    for expected in (
        "in space, halves of scans 4 2 .41 .30 .80 1.06 .70 to 1.30 .60 to 1.40 1.31 0.98 .47 .46",
        "in space, animal against animal 4 2 .30 −.10 .80 reliability is not above zero – – – – – –",
        "M1 sedated LFP maps .55 .44 – .66",
        "the same, freed of what maps do not share – .44 – –",
    ):
        assert expected in told, expected


def test_what_the_lfp_explains_at_best_is_told_out_of_sample(config):
    told = words(section(page(config, full(config)), "more"))
    for expected in (
        "M1 sedated 4 1 .40 .12 .02 0 of 1",  # all bands together
        "M1 sedated a + b .15",
        "configured HRF – – .30 .31 .32 .35 .05",
        "best of the grid in the other animals 4.5 9 .32 .33 .34 .37 .05",
        "M1 sedated gamma 1 .21 .09 .03 .36 .35 .41 0.071 0.012 1 of 1",  # coherence, windows, information
    ):
        assert expected in told, expected


def test_the_parts_of_chance_and_algebra_come_in_order_and_without_figures_of_words(config):
    inside = section(page(config, full(config)), "more")
    assert re.findall(r'<h3 id="more-(\w+)">', inside) == list(nulls_view.PARTS)
    shown = [png.decode().split()[-1] for png in embedded(inside)]
    assert shown == ["mediation", "response", "coherence", "windows"]
    one_voxel = full(config)
    for name in ("mediation", "k", "cross_scan", "inter_scan", "nulls", "bins", "reliability"):
        one_voxel.tables[name] = []
    told = words(section(page(config, one_voxel), "more"))
    assert "Maps were not compared: that needs at least three voxels." in told and "gamma .37 .002" in told


def test_no_p_of_scans_stands_without_that_of_animals(config):
    """Every table with a p has a column, or columns, that speak of animals."""
    config["bands"]["slow"] = [0.1, 1]
    text = page(config, full(config))
    heads = [words(head) for head in re.findall(r"<thead>(.*?)</thead>", text, re.S)]
    with_p = [head for head in heads if re.search(r"\bp\b", head)]
    assert len(with_p) >= 9
    of_animals = (
        r"over animals|animals as the unit|animals recorded in both|CI \(animals\)|animals with r above 0|p animals"
    )
    assert [head for head in with_p if not re.search(of_animals, head)] == []


def test_methods_tell_of_surrogates_only_where_there_are_any(config):
    assert "variogram" not in method_words(config)
    config["nulls"] |= {"surrogates": 321, "window_s": 45, "response_s": [-3, 20]}
    config["nulls"]["bootstrap"] = 777
    told = method_words(config)
    for expected in (
        *("321 phase-randomised", "variogram of the seed map", "largest of its family", "777 resamplings"),
        *("−3 to 20 s", "sliding windows of 45 s", "orthogonal tapers", "Gaussian copula", "Nested cross-validation"),
    ):
        assert expected in told, expected


def test_every_figure_stands_once_and_has_its_caption(config):
    text = page(config, full(config))
    shown = [found for found in embedded(text) if found != PNG]
    assert sorted(shown) == sorted(full(config).figures.values())
    for key in full(config).figures:
        assert f"Told of {' '.join(key)}." in text
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert len(alts) == len(embedded(text)) and all(0 < len(alt) < 100 for alt in alts)
    assert "Correlation at each lag, M1, sedated" in alts


def test_a_figure_without_told_caption_has_a_general_one(config):
    bare = dataclasses.replace(full(config), captions={})
    assert words(figures.caption("lags")) in words(page(config, bare))


def test_the_variant_without_global_signal_is_found_by_its_settings(config):
    other = copy.deepcopy(config)
    other["bold"]["global_signal"] = False
    further = copy.deepcopy(other)
    further["coupling"]["lag_max_s"] = 10
    variants = [full(config), full(further, "no_gsr"), full(other, "anything")]
    assert report.without_global_signal(variants).name == "anything"
    text = page(config, *variants)
    inside = section(text, "panels-sedated-M1")
    place = inside.index('id="panels-sedated-M1-without"'), inside.index('id="panels-sedated-M1-shuffled"')
    shown = embedded(inside[slice(*place)])
    assert shown == [b"PNG of anything %s sedated M1" % kind for kind in (b"maps", b"scatter", b"sweep")]
    # They stand once: in the variant's own panels there are links to them.
    assert len(embedded(text)) == len(set(embedded(text)) - {PNG}) + embedded(text).count(PNG)
    assert section(text, "anything-panels-sedated-M1").count('href="#panels-sedated-M1-without"') == 3


def test_a_run_without_that_variant_says_how_to_get_one(config):
    text = words(section(page(config, full(config)), "panels-sedated-M1"))
    assert "no_gsr: {bold: {global_signal: false}}" in text
    config["bold"]["global_signal"] = False
    text = words(section(page(config, full(config)), "panels-sedated-M1"))
    assert "not regressed out in the first place" in text


def test_other_variants_are_folded_but_for_their_answer(config):
    other = copy.deepcopy(config)
    other["coupling"]["lag_max_s"] = 10
    text = page(config, full(config), full(other, "near"))
    assert "<details" not in section(text, "near-headline").split("</table>")[0]
    for name in ("near-panels-sedated-M1", "near-controls", "near-methods"):
        assert re.match(rf'<section id="{name}"><details class="whole">', section(text, name))
    assert not re.search(r"<details[^>]* open", section(text, "near-panels-sedated-M1"))
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_the_same_figure_of_two_variants_stands_once(config):
    other = copy.deepcopy(config)
    other["coupling"]["lag_max_s"] = 10
    near = full(other, "near")
    near.figures["spectrogram", "sedated", "M1"] = full(config).figures["spectrogram", "sedated", "M1"]
    text = page(config, full(config), near)
    assert embedded(text).count(b"PNG of reference spectrogram sedated M1") == 1
    assert 'href="#panels-sedated-M1-spectrogram"' in section(text, "near-panels-sedated-M1")


def test_numbers_stand_beside_the_published_ones(config):
    text = words(section(page(config, full(config)), "yardstick"))
    assert "M1 sedated gamma 159 4 .37 .38 .95 .94" in text
    assert "M1 sedated delta 159 0 −.20 – – –" in text
    assert "M1 sedated gamma: lag of the largest r (s) 2 2.5" in text
    assert "means of n scans of six animals" in text and "need not agree" in text
    assert "nothing to set side by side" in words(section(page(config), "yardstick"))


def test_numbers_beneath_the_panels_are_those_of_the_tables(config):
    text = words(section(page(config, full(config)), "panels-sedated-M1"))
    for expected in (
        "gamma 4 .41 .04 +2 −.12 .04 −3",  # lags
        "as recorded .38 .58 .94 in random order .01 .02 .03",
        "gamma spatial − temporal, paired Spearman ρ 4 .21 5.25 (3) .01 2 .20 3.10 (1) .20",
        (
            "Largest mean r with an undershoot: .44 (SEM .05, 4 scans), delay of the response 4.25 s and of the"
            " undershoot 7.5 s"
        ),
        "gamma regressed out .97 .86 .991 .95 to .99 .88 .80 to .93",
        "gamma 1 0.121 0.051 .62 .93",
        "M1 sedated .61 .38 1.31 1.29 1.34",
    ):
        assert expected in text


def test_controls_show_their_tables(config):
    config["bands"]["slow"] = [0.1, 1]
    text = words(section(page(config, full(config)), "controls"))
    assert "M1 gamma temporal sedated: .38 4 awake: .05 3 −.33 −4.20 (4.6) < .001 2 −.31 −.60 to −.02 .04" in text
    assert "M1 sedated slow 1 .07 .30 .66 .61 to .68" in text  # infraslow
    assert "M1 sedated 3 300–2747 .40 .30 .25 .09 .70 610.0 8.7 8.3 3.0" in text
    assert "M1 sedated Fisher z 4 .21 5.25 (3) .01" in text
    bare = words(section(page(config), "controls"))
    assert "No recording allowed it" in bare
    config["artefact"]["multiunit_hz"] = None
    del config["bands"]["slow"]
    bare = words(section(page(config), "controls"))
    assert "switched off" in bare and "No band of the settings ends at 1 Hz or below" in bare


def test_captions_and_figures_come_from_the_results(tmp_path, config):
    row = {"sub": "01", "ses": "01", "task": "rest", "run": "1", **GROUP, "exclude": "", "events": ""}
    folder = tmp_path / "reference" / "figures"
    folder.mkdir(parents=True)
    (folder / "state-sedated_site-M1_desc-maps.png").write_bytes(b"maps")
    (folder / "desc-states.png").write_bytes(b"states")
    files.write_json(folder / "state-sedated_site-M1_desc-captions.json", {"maps": "Maps of these rats."})
    config["variants"] = {"reference": {}}
    (found,) = report_inputs.gather(config, [row], folder=tmp_path)
    assert found.figures["maps", "sedated", "M1"] == b"maps" and found.figures[("states",)] == b"states"
    assert found.caption("maps", "sedated", "M1") == "Maps of these rats."
    assert found.caption("lags", "sedated", "M1") == figures.caption("lags")
    assert found.figures["lags", "sedated", "M1"] == b"" and set(report_inputs.TABLES) <= set(found.tables)


def test_methods_tell_of_controls_as_they_are_set(config):
    recorded = recording(config)
    before = method_words(config, [recorded])
    for expected in (
        "The frames of gamma power were put into random order (seed 2024",
        "delay of the response 2 to 8 s by 0.25 s, of the undershoot 2 to 12 s by 0.5 s",
        "histogram of 10 by 10 bins",
        "shifted circularly by ¼, ½ and ¾",
        "159 trials of 1200 and 6157 points",
        "means over scans with their standard error",
        "Student's t of each r against zero, and paired for spatial against temporal r",
        "Welch's t over scans",
    ):
        assert expected in before
    for absent in ("multi-unit power was taken", "were 5 s long", "predicts BOLD better"):
        assert absent not in before
    config["bands"]["slow"] = [0.1, 1]
    recorded.lfp["Multiunit"] = MULTIUNIT
    config["coupling"] |= {"shuffle": False, "grid_delay_s": None, "information": "gaussian_copula"}
    text = words(" ".join(text for _, text in methods.sections(full(config, recordings=[recorded]))))
    assert "The windows of slow were 5 s long" in text
    assert "from the raw rate of 1 recording after artefact removal: the density at 300 to 2746.6 Hz" in text
    assert "predicts BOLD better" in text
    assert "normal scores" in text
    for absent in ("random order", "of the undershoot", "histogram"):
        assert absent not in text


def test_p_values_are_written_as_people_do():
    assert [report.probability(p) for p in (0.5, 0.0301, 0.0094, 0.00099, NAN, None)] == [
        *(".50", ".03", ".009", "< .001", "–", "–")
    ]


def multiverse_page(config, *, values=None):
    """Four variants, two of them combinations of a grid; −.3 without global signal, +.1 by the other response."""
    values = values or {"reference": 0.5, "no_gsr": 0.2, "sweep-001": 0.6, "sweep-002": 0.3}
    human = [6, 16, 1, 1, 6, 0, 32]
    changes = {
        "reference": {},
        "no_gsr": {"bold": {"global_signal": False}},
        "sweep-001": {"hrf": {"p": human}, "choices": {"hrf.p": "human"}},
        "sweep-002": {"hrf": {"p": human}, "bold": {"global_signal": False}, "choices": {"hrf.p": "human"}},
    }
    complete = {name: settings.merge(config, change, tables=()) for name, change in changes.items()}
    found = []
    for name, value in values.items():
        one = variant(complete[name], name=name, headline=headline_rows(temporal_r=(value, value - 0.1, value + 0.1)))
        found.append(dataclasses.replace(one, member=specification.is_member(complete[name])))
    choices = specification.choices(complete)
    curve = specification.curve({v.name: v.tables["headline"] for v in found}, choices)
    key = ("sedated", "M1")
    drawn = report_inputs.Specification(
        curve, specification.effects(curve, choices), {key: b"PNG of all variants"}, {key: "Told of all variants."}
    )
    described = {"GeneratedBy": [], "ConfigHash": "abc", "Seed": 1, "Inputs": []}
    return report.build(found, config, described, drawn)


def test_all_variants_have_a_section_of_their_own(config):
    text = multiverse_page(config)
    assert text.count('id="variants"') == 1 and 'href="#variants"' in text
    part = words(text[text.index('id="variants"') : text.index('id="yardstick"')])
    assert "under 4 sets of settings, 2 of them combinations of grids" in part
    assert "Temporal r runs from .20 to .60 (reference: .50); bold.global_signal holds 90 % of that variance." in part
    assert "Spatial r, averaged maps is .95 in all variants." in part
    assert "bold.global_signal 90 % −.30" in part and "hrf.p 10 % .10" in part and "interactions 0.0 % –" in part
    assert base64.b64encode(b"PNG of all variants").decode() in text and "Told of all variants." in part


def test_each_variant_stands_beside_the_first_one(config):
    text = multiverse_page(config)
    part = words(text[text.index('id="variants"') : text.index('id="yardstick"')])
    assert "no_gsr beside reference setting reference no_gsr bold.global_signal true false" in part
    assert "M1 sedated temporal r of gamma, mean of scans .50 .20 −.30" in part
    assert "M1 sedated spatial r of averaged maps .95 .95 .00" in part


def test_combinations_of_a_grid_have_no_panels(config):
    text = multiverse_page(config)
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and "no_gsr-headline" in ids
    assert not [name for name in ids if name.startswith("sweep")]
    assert "sweep-001" not in text  # specification.tsv names them


def test_variants_that_agree_are_said_to(config):
    text = words(multiverse_page(config, values=dict.fromkeys(["reference", "no_gsr", "sweep-001", "sweep-002"], 0.4)))
    assert "Temporal r is .40 in all variants." in text and "bold.global_signal – .00" in text


def test_a_single_variant_needs_no_such_section(config):
    assert 'id="variants"' not in page(config) and 'href="#variants"' not in page(config)


def test_the_report_does_not_depend_on_where_the_study_stands(config):
    def at(folder):
        paths = {"recordings": f"{folder}/recordings.tsv", "results": f"{folder}/results"}
        paths |= {"atlas": config["atlas"] | {"labels": f"{folder}/atlas/labels.nii.gz"}}
        return report.build([variant(config)], config | paths, {"Inputs": []})

    assert at("/one/place") == at("/another")
    assert "atlas/labels.nii.gz" in at("/one/place")


def test_evoked_runs_have_a_section_where_there_are_any(config):
    """Figures, the table of rest against evoked, clusters and prediction; nothing of it for a study at rest."""
    assert "Evoked runs" not in page(config, variant(config))
    side = {"r": 0.5, "ci_low": 0.4, "ci_high": 0.6, "expected": NAN, "n": 4.0, "n_animals": 4.0}
    row = {"site": "M1", "rest": "sedated", "evoked": "sedatedWhisker", "band": "gamma", "measure": "temporal"}
    row |= {f"{name}_{key}": value for name in ("rest", "evoked") for key, value in side.items()}
    row |= {"evoked_r": 0.83, "difference": 0.33, "difference_low": 0.2, "difference_high": 0.46}
    row |= {"n_animals": 4.0, "p": 0.125}
    cluster = {"state": "sedatedWhisker", "site": "M1", "contrast": "whisker", "cluster": 1.0, "n_voxels": 77.0}
    cluster |= {"mm3": 19.3, "p": 0.031, "smallest_p": 0.031, "peak_t": 9.1, "peak_effect": 3.21, "x": 1.0, "y": 2.0}
    cluster |= {"peak_subtraction": 2.9, "z": 3.0}
    predicted = {"state": "sedatedWhisker", "site": "M1", "predictor": "all_bands", "n_animals": 4.0, "r2": 0.61}
    predicted |= {"ci_low": 0.5, "ci_high": 0.7, "difference": -0.07, "difference_low": NAN, "difference_high": NAN}
    tables = {"rest_evoked": [row], "evoked_clusters": [cluster], "evoked_prediction": [predicted | {"p": 0.5}]}
    driven = variant(config, **tables)
    for key in (("rest_evoked",), ("glm", "sedatedWhisker", "M1"), ("evoked", "sedatedWhisker", "M1")):
        driven.figures[key] = PNG
        driven.captions[key] = f"Caption of {key[0]}."
    html = page(config, driven)
    text = words(html[html.index('id="evoked"') : html.index('id="controls"')])
    assert all(f"Caption of {kind}." in text for kind in ("rest_evoked", "glm", "evoked"))
    assert "M1 sedated, sedatedWhisker gamma temporal .50 .40 to .60 – 4 .83" in text and ".33 .20 to .46 .12" in text
    assert "whisker 1 77 19.3 .03 .03 9.1 3.21 2.90 1.0, 2.0, 3.0" in text
    assert "all bands 4 .61 .50 to .70 −.07 – .50" in text
    assert html.index('href="#evoked"') < html.index('id="evoked"')
