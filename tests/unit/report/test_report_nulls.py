"""What is set against surrogates: over scans and over animals, noise measured, and prediction out of sample."""

import re

from report_study import embedded, full, page, section, variant, words

from lfpbold.report.views import nulls as nulls_view


def test_the_comparison_with_full_mediation_has_its_own_sentence(config):
    """Observed, expected under mediation, and the difference with its interval; scans beside; the law and its k."""
    text = words(section(page(config, full(config)), "more"))
    assert (
        "agreed with the seed map at r = .94; full mediation (a regressor related to the brain only through"
        in text.replace("\u00a0", " ")
    )
    assert (
        "gives .91 (.86 to .93). Difference .03 (95 % CI .01 to .05, bootstrap over animals; too narrow with so few"
        " animals)." in text
    )
    assert "The agreement exceeds the null distribution under full mediation." in text
    assert "1 of 1 lay within their own interval" in text
    assert "M1 sedated spatial r all .94 .91 .86 to .93 99 .02 .03 .01 to .05" in text
    assert "M1 sedated seed map after removal, r all .92 .89" in text and "removal_r" not in text
    assert "0.156" in text and "0.040" in text and "other animals .41" in text
    assert 'id="more"' not in page(config, variant(config))


def test_significance_is_given_over_scans_and_over_animals(config):
    text = words(section(page(config, full(config)), "more"))
    for expected in (
        "p values that are not called family-wise are not corrected for the number of bands",
        "M1, sedated: 4 scans of 2 animals, for which the exact sign-flip test cannot give less than p = .50",
        "M1 sedated gamma .37 .002 .01 .21 .50 .50",  # in time: surrogates, family-wise, t, sign-flip
        "M1 sedated gamma .57 .002 .01 .21 .50 .50",  # in space
        "M1 sedated gamma +2 .36 .19 .002 .01 .21 .50 .50",  # the strongest lag and its threshold
        "M1 sedated temporal 2 2 0 0.0 40–42",  # bins, beyond chance, by sign-flip, in a scan, where
        "M1 sedated spatial 2 – – 1.0 –",
        "M1 sedated gamma .33 .02 .01 .27 2",  # pairing
    ):
        assert expected in text, expected


def test_measured_noise_stands_with_what_the_study_assumes(config):
    text = words(section(page(config, full(config)), "more"))
    for expected in (
        "in space, halves of scans 4 2 .41 .30 .80 1.06 .70 to 1.30 .60 to 1.40 1.31 0.98 .47 .46",
        "in space, between animals 4 2 .30 −.10 .80 reliability is not above zero – – – – – –",
        "M1 sedated LFP maps .55 .44 – .66",
        "the same, disattenuated (corrected for reliability) – .44 – –",
    ):
        assert expected in text, expected


def test_variance_explained_is_cross_validated(config):
    text = words(section(page(config, full(config)), "more"))
    for expected in (
        "M1 sedated 4 1 .40 .12 .02 0 of 1",  # all bands together
        "M1 sedated a + b .15",
        "configured HRF – – .30 .31 .32 .35 .05",
        "best of the grid in the other animals 4.5 9 .32 .33 .34 .37 .05",
        "M1 sedated gamma 1 .21 .09 .03 .36 .35 .41 0.071 0.012 1 of 1",  # coherence, windows, information
    ):
        assert expected in text, expected


def test_the_parts_come_in_order_and_without_figures_of_words(config):
    inside = section(page(config, full(config)), "more")
    assert re.findall(r'<h3 id="more-(\w+)">', inside) == list(nulls_view.PARTS)
    shown = [png.decode().split()[-1] for png in embedded(inside)]
    assert shown == ["mediation", "response", "coherence", "windows"]
    one_voxel = full(config)
    for name in ("mediation", "k", "cross_scan", "inter_scan", "nulls", "bins", "reliability"):
        one_voxel.tables[name] = []
    text = words(section(page(config, one_voxel), "more"))
    assert "Maps were not compared: that needs at least three voxels." in text and "gamma .37 .002" in text


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
