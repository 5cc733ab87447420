"""The headline in words: the table's numbers, and what is missing."""

from report_study import NAN, headline_rows

from lfpbold.report import page as report


def test_headline_sentence_quotes_the_table(config):
    found = report.headline_sentence(headline_rows(), "sedated", "M1", config)
    assert (found["title"], found["n"]) == ("M1, sedated", "n = 7 scans of 2 animals")
    assert (
        found["text"].replace("\u00a0", " ")
        == "gamma power explained 14 % of the temporal variance of the BOLD signal at the electrode (r = .38, 95 % CI "
        ".30 to .45 over animals; two animals: one degree of freedom). "
        "The map of the same power agreed with the seed map at r = .61 (37 % of spatial "
        "variance) scan by scan and r = .95 (90 %) for averaged maps. After regressing gamma out, the seed map "
        "correlated .988 with the one before (slope .93)."
    )


def test_headline_sentence_says_what_is_missing(config):
    no_maps = {name: (NAN, NAN, NAN) for name in ("spatial_r_scan", "spatial_r_group", "seed_map_r_after_gamma")}
    rows = headline_rows(temporal_r=(-0.38, NAN, NAN), **no_maps)
    text = report.headline_sentence(rows, "sedated", "M1", config)["text"]
    assert "−.38, no interval from fewer than two animals" in text
    assert "Maps were not compared" in text
    assert "nan" not in text
    assert "excluded" in report.headline_sentence([], "awake", "M1", config)["text"]
