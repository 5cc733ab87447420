"""The page says what the tables say, escapes what it did not write, and loads nothing."""

import html
import re

from report_study import NAN, full, headline_rows, page, recording, section, variant, words

from lfpbold.report import inputs as report_inputs
from lfpbold.report import page as report


def test_every_section_is_there_and_linked(config):
    text = page(config)
    for name in (*report.SECTIONS, "provenance"):
        assert text.count(f'id="{name}"') == 1
        assert f'href="#{name}"' in text


def test_tables_show_the_numbers_given(config):
    text = words(page(config))
    assert "M1 sedated .38 14 % .61 37 % .95 90 % .988 (.93) – – –" in text  # a row of the summary
    assert "M1 sedated gamma 2 .40 .40 .95 .90 to .98" in text  # means of .2 and .6
    assert "M1 sedated delta 2 −.10 −.10 n/a –" in text
    assert "M1 sedated .61 .38 1.31 1.29 1.34 .59 .60 .59 .35 excludes 0" in text
    assert "sub-01 ses-01 run-1 M1 raw +20.12 10.500 6000.0 201.5 601.0 9.5 +0.3" in text
    assert "sub-01 ses-01 run-1 sedated raw 0.021 0.345 0.1 296 0 4 none: already in atlas space kept" in text
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


def test_whole_recordings_and_blocks_of_volumes_are_listed_apart(config):
    base = {"sub": "01", "ses": "01", "state": "awake", "site": "", "step": "motion", "kind": "criterion"}
    whole = {**base, "run": "1", "reason": "too much", "first_volume": NAN, "last_volume": NAN, "n_volumes": NAN}
    block = {**base, "run": "2", "reason": "one jump", "first_volume": 0.0, "last_volume": 2.0, "n_volumes": 3.0}
    text = words(page(config, variant(config, excluded=[whole, block])))
    assert "sub-01 ses-01 run-1 awake all motion criterion too much Censored blocks of volumes (1)" in text
    assert "sub-01 ses-01 run-2 awake all motion one jump 3 0 to 2" in text


def test_figures_beyond_the_limit_are_named(config):
    text = page(config, variant(config, recordings=[recording(config, figures={})]))
    assert "<code>a.png</code>" in text and "<code>m.png</code>" in text


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
    assert "0.021 0.345 0.1 0 0 4 none: already in atlas space excluded" in text


def test_volumes_that_are_no_data_are_counted_apart_from_those_that_moved(config):
    spoilt = recording(config)
    spoilt.motion.update(
        {
            "Kept": 291,
            "NoData": [
                {"Kind": "empty", "Blocks": [[60, 60]]},
                {"Kind": "repeated", "Blocks": [[161, 162], [200, 201]]},
            ],
            "Warnings": ["volume 60 is empty", "volumes repeat"],
        }
    )
    text = page(config, variant(config, recordings=[spoilt]))
    assert "0.021 0.345 0.1 291 5 4 none: already in atlas space kept" in words(text)
    assert "<li>volume 60 is empty</li><li>volumes repeat</li>" in text


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


def test_p_values_are_written_as_people_do():
    assert [report.probability(p) for p in (0.5, 0.0301, 0.0094, 0.00099, NAN, None)] == [
        *(".50", ".03", ".009", "< .001", "–", "–")
    ]


def test_the_report_does_not_depend_on_where_the_study_stands(config):
    def at(folder):
        paths = {"recordings": f"{folder}/recordings.tsv", "results": f"{folder}/results"}
        paths |= {"atlas": config["atlas"] | {"labels": f"{folder}/atlas/labels.nii.gz"}}
        return report.build([variant(config)], config | paths, {"Inputs": []})

    assert at("/one/place") == at("/another")
    assert "atlas/labels.nii.gz" in at("/one/place")
