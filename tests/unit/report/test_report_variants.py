"""Several variants: sections of their own, all of them together, and each against the first."""

import base64
import copy
import dataclasses
import re

from report_study import full, multiverse_page, page, recording, section, variant, words


def test_all_variants_have_a_section_of_their_own(config):
    text = multiverse_page(config)
    assert text.count('id="variants"') == 1 and 'href="#variants"' in text
    part = words(text[text.index('id="variants"') : text.index('id="yardstick"')])
    assert "under 4 sets of settings, 2 of them combinations of grids" in part
    assert (
        "Temporal r ranges from .20 to .60 (reference: .50); bold.global_signal explains 90 % of that variance." in part
    )
    assert "Spatial r, averaged maps is .95 in all variants." in part
    assert "bold.global_signal 90 % −.30" in part and "hrf.p 10 % .10" in part and "interactions 0.0 % –" in part
    assert base64.b64encode(b"PNG of all variants").decode() in text and "Caption of all variants." in part


def test_each_variant_is_compared_with_the_first_one(config):
    text = multiverse_page(config)
    part = words(text[text.index('id="variants"') : text.index('id="yardstick"')])
    assert "no_gsr compared with reference setting reference no_gsr bold.global_signal true false" in part
    assert "M1 sedated temporal r of gamma, mean of scans .50 .20 −.30" in part
    assert "M1 sedated spatial r of averaged maps .95 .95 .00" in part


def test_combinations_of_a_grid_have_no_panels(config):
    text = multiverse_page(config)
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and "no_gsr-headline" in ids
    assert not [name for name in ids if name.startswith("sweep")]
    assert "sweep-001" not in text  # specification.tsv names them


def test_variants_that_agree_have_a_sentence_that_says_so(config):
    text = words(multiverse_page(config, values=dict.fromkeys(["reference", "no_gsr", "sweep-001", "sweep-002"], 0.4)))
    assert "Temporal r is .40 in all variants." in text and "bold.global_signal – .00" in text


def test_a_single_variant_needs_no_such_section(config):
    assert 'id="variants"' not in page(config) and 'href="#variants"' not in page(config)


def test_several_variants_have_sections_of_their_own(config):
    other = copy.deepcopy(config)
    other["bold"]["global_signal"] = False
    text = page(config, variant(config), variant(other, name="no_gsr"))
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {"headline", "no_gsr-headline", "no_gsr-methods"} <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert "bold.global_signal: False (otherwise True)" in text


def test_other_variants_are_folded_but_for_their_main_result(config):
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


def test_a_variant_that_shares_files_points_to_them(config):
    shared = recording(config, figures={}, figure_paths={})
    other = dataclasses.replace(
        variant(config, name="other", recordings=[shared]), shares={"artefact": "reference", "motion": "reference"}
    )
    text = words(page(config, variant(config), other))
    assert text.count("The same files as in variant reference, where the figures are shown.") == 2
