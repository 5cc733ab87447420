"""The report says what the tables say, escapes what it did not write, and its methods follow the settings."""

import copy
import dataclasses
import html
import re

import numpy as np
import pytest

from lfpbold import citations, io, methods, report, report_inputs, settings
from lfpbold.report_inputs import Recording, Variant

NAN = float("nan")
PNG = b"\x89PNG not really"


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
    row = {"sub": sub, "ses": "01", "run": run, "state": "sedated", "site": "M1"}
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
    base = {
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
            }
        ],
    }
    pictures = {("headline",): PNG, ("bands",): PNG, ("noise",): PNG, ("maps", "sedated", "M1"): PNG}
    return Variant(name, config, base | tables, recordings or [recording(config)], pictures)


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
    assert found["text"].replace("\u00a0", " ") == (
        "gamma power explained 14 % of the temporal variance of the BOLD signal at the electrode (r = .38, 95 % CI "
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
    assert "M1 sedated .61 .38 1.31 1.34 .59 .59 .35 excludes 0" in text
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
    base = {"sub": "01", "ses": "01", "state": "awake", "site": "", "step": "motion"}
    whole = {**base, "run": "1", "reason": "too much", "first_volume": NAN, "last_volume": NAN, "n_volumes": NAN}
    block = {**base, "run": "2", "reason": "one jump", "first_volume": 0.0, "last_volume": 2.0, "n_volumes": 3.0}
    text = words(page(config, variant(config, excluded=[whole, block])))
    assert "sub-01 ses-01 run-1 awake all motion too much Blocks of volumes (1)" in text
    assert "sub-01 ses-01 run-2 awake all motion one jump 3 0 to 2" in text


def test_citations_are_numbered_in_order_and_escape_the_rest():
    paragraphs, references = citations.numbered([("One", "a <b> [@tu2022] and [@tu2024]"), ("Two", "again [@tu2022]")])
    assert [key for key, _, _ in references] == ["tu2022", "tu2024"]
    assert "&lt;b&gt;" in paragraphs[0][1]
    assert words(paragraphs[0][1]).endswith("[1] and [2]") and words(paragraphs[1][1]).endswith("[1]")


def test_every_citation_is_known_and_used(config):
    text = " ".join(text for _, text in methods.sections(variant(config)))
    assert set(re.findall(r"\[@(\w+)\]", text)) == set(citations.REFERENCES)


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
    io.write_image(path, np.full((2, 2, 2), NAN), np.eye(4))
    io.write_json(io.sidecar_path(path), {"Bands": []})
    assert report_inputs.named_maps(path, "Bands", ["gamma"]) == {}
    assert report_inputs.named_maps(path, "Maps") == {}
    path.write_bytes(b"")
    assert report_inputs.named_maps(path, "Bands") == {}


def test_the_noise_argument_is_called_what_it_is(config):
    text = words(page(config))
    assert "true temporal r" not in text
    assert "temporal r if space and time suffered the same noise, simulated" in text
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
    assert "mean of 2 scans of 2 animals, 6157 voxels" in words(page(config, shown))


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
