"""Every figure stands once, with its caption, its tag and the numbers of its table."""

import copy
import dataclasses
import re

import numpy as np
from report_study import GROUP, NAN, PNG, embedded, full, headline_rows, page, section, variant, words

from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.report import inputs as report_inputs
from lfpbold.report import page as report


def test_every_figure_stands_once_and_has_its_caption(config):
    text = page(config, full(config))
    shown = [found for found in embedded(text) if found != PNG]
    assert sorted(shown) == sorted(full(config).figures.values())
    for key in full(config).figures:
        assert f"Caption of {' '.join(key)}." in text
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert len(alts) == len(embedded(text)) and all(0 < len(alt) < 100 for alt in alts)
    assert "Correlation at each lag, M1, sedated" in alts


def test_a_figure_without_its_own_caption_has_a_general_one(config):
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
    assert "The global signal was not regressed out in this variant" in text


def test_the_same_figure_of_two_variants_stands_once(config):
    other = copy.deepcopy(config)
    other["coupling"]["lag_max_s"] = 10
    near = full(other, "near")
    near.figures["spectrogram", "sedated", "M1"] = full(config).figures["spectrogram", "sedated", "M1"]
    text = page(config, full(config), near)
    assert embedded(text).count(b"PNG of reference spectrogram sedated M1") == 1
    assert 'href="#panels-sedated-M1-spectrogram"' in section(text, "near-panels-sedated-M1")


def test_numbers_are_compared_with_the_published_ones(config):
    text = words(section(page(config, full(config)), "yardstick"))
    assert "M1 sedated gamma 159 4 .37 .38 .95 .94" in text
    assert "M1 sedated delta 159 0 −.20 – – –" in text
    assert "M1 sedated gamma: lag of the largest r (s) 2 2.5" in text
    assert "means of n scans of six animals" in text and "need not reproduce" in text
    assert "nothing to compare" in words(section(page(config), "yardstick"))


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
    assert "No recording is suitable" in bare
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


def test_a_group_without_maps_has_none(tmp_path):
    path = tmp_path / "state-awake_site-M1_desc-lfp_statmap.nii.gz"
    files.write_image(path, np.full((2, 2, 2), NAN), np.eye(4))
    files.write_json(files.sidecar_path(path), {"Bands": []})
    assert inputs.named_maps(path, "Bands") == {}
    assert inputs.named_maps(path, "Maps") == {}
    path.write_bytes(b"")
    assert inputs.named_maps(path, "Bands") == {}


def test_captions_count_scans_animals_and_voxels(config):
    shown = variant(config)
    assert report.facts(shown, "sedated", "M1") == {
        "scans": 2,
        "animals": 2,
        "text": "2 scans of 2 animals, 6157 voxels",
    }
    assert report.facts(shown, "awake", "M1")["text"] == "no scan"
    assert "2 scans of 2 animals, 6157 voxels" in words(page(config, shown))


def test_figures_are_shown_at_one_scale():
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (675).to_bytes(4, "big")
    assert report.shown_width(header) == 540  # 4.5 inches


def test_the_noise_argument_is_called_what_it_is(config):
    text = words(re.sub(r"<figcaption>.*?</figcaption>", "", page(config)))
    assert "true temporal r" not in text
    assert "temporal r if space and time suffered the same noise" in text
    assert "the study's argument and not a measurement" in text
    rows = headline_rows(spatial_r_scan=(0.1, -0.2, 0.4))
    assert "meaningless: includes 0" in words(page(config, variant(config, headline=rows)))
