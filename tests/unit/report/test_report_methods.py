"""The methods follow the settings and what really ran, and cite what they use."""

import copy
import re

from report_study import MULTIUNIT, full, method_words, recording, variant, words

from lfpbold.report import citations, methods


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


def test_methods_count_what_was_excluded_and_censored(config):
    dropped = recording(config, run="2")
    dropped.motion["Excluded"] = {"Step": "motion", "Reason": "moved"}
    text = method_words(config, [recording(config), dropped])
    assert "1 run was excluded for motion; in the others 4 volumes were censored" in text
    assert "was excluded (1 of 2)" in text
    assert "other reasons" not in text
    unread = recording(config, run="3", motion={"Excluded": {"Step": "motion", "Reason": "not readable"}}, bold={})
    text = method_words(config, [recording(config), dropped, unread])
    assert "1 run was excluded for motion" in text and "1 recording was excluded for other reasons" in text


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
    recorded.lfp.update({"TemplateKnotsPerSample": 4, "TemplateImages": 6})
    projected = recording(config, run="2")
    projected.bold.update({"Filtering": "projector", "DegreesOfFreedom": 208})
    driven = recording(config, run="3")
    driven.row.update({"task": "whisker", "state": "sedatedWhisker", "events": "events.tsv"})
    text = " ".join(text for _, text in methods.sections(variant(config, recordings=[recorded, projected, driven])))
    assert "1 run had stimuli, and forms groups of its own" in text
    assert set(re.findall(r"\[@(\w+)\]", text)) == set(citations.REFERENCES)
    assert "Here each volume's template is the mean of the nearest 25 volumes; where the artefact was aliased" in text
    assert "images of its spectrum, from up to 6.5 times the sampling rate" in text
    assert "a cubic spline through the means of the volumes, was subtracted" in text
    assert "a least-squares spline of 4 knots a sample" in text and "2 principal components of the residue" in text
    assert "208 degrees of freedom; the LFP regressors went through the same projection" in text


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
    assert "taken from triggers in 1 recording and the sample sheet (scan_start_s) in 1 recording" in text
    assert "Slice timing was missing from the sidecar of 1 recording" in text
    assert "sampled at 1024 and 24414.0625 Hz" in text


def test_methods_of_one_voxel_describe_no_maps(config):
    text = method_words(config, [recording(config, bold=recording(config).bold | {"BrainVoxels": 1})])
    assert "at least three voxels" in text
    for absent in ("seed map", "jackknife", "CNR"):
        assert absent not in text


def test_methods_say_that_regressors_were_not_regressed_on_nuisance(config):
    shown = recording(config)
    shown.bold["VolumesKept"] = list(range(300))
    text = "with 300 volumes and 11 nuisance regressors, this alone lowers r"
    config["hrf"]["band_pass"] = "none"
    assert text in method_words(config, [shown])
    config["hrf"]["band_pass"] = "regressor"
    assert text not in method_words(config, [shown])


def test_methods_describe_surrogates_only_where_there_are_any(config):
    assert "variogram" not in method_words(config)
    config["nulls"] |= {"surrogates": 321, "window_s": 45, "response_s": [-3, 20]}
    config["nulls"]["bootstrap"] = 777
    text = method_words(config)
    for expected in (
        *("321 phase-randomised", "variogram of the seed map", "largest of its family", "777 resamplings"),
        *("−3 to 20 s", "sliding windows of 45 s", "orthogonal tapers", "Gaussian copula", "Nested cross-validation"),
    ):
        assert expected in text, expected


def test_methods_describe_controls_as_they_are_set(config):
    recorded = recording(config)
    before = method_words(config, [recorded])
    for expected in (
        "The frames of gamma power were put into random order (seed 2024",
        "delay of the response 2 to 8 s by 0.25 s, of the undershoot 2 to 12 s by 0.5 s",
        "histogram of 10 by 10 bins",
        "circularly shifted by ¼, ½ and ¾",
        "159 trials of 1200 and 6157 points",
        "means over scans with their standard error",
        "Student's t of each r against zero, and paired for spatial against temporal r",
        "Welch's t over scans",
    ):
        assert expected in before
    for absent in ("multi-unit power was computed", "were 5 s long", "predicts BOLD better"):
        assert absent not in before
    config["bands"]["slow"] = [0.1, 1]
    recorded.lfp["Multiunit"] = MULTIUNIT
    config["coupling"] |= {"shuffle": False, "grid_delay_s": None, "information": "gaussian_copula"}
    text = words(" ".join(text for _, text in methods.sections(full(config, recordings=[recorded]))))
    assert "The windows of slow were 5 s long" in text
    assert "rate of 1 recording after artefact removal: the power spectral density at 300 to 2746.6 Hz" in text
    assert "predicts BOLD better" in text
    assert "normal scores" in text
    for absent in ("random order", "of the undershoot", "histogram"):
        assert absent not in text


def test_references_are_csl_json_that_a_reference_manager_reads():
    for key, item in citations.REFERENCES.items():
        assert item["id"] == key and item["type"] in {"article-journal", "book", "software"} and item["title"]
        people = item.get("author") or item["editor"]
        assert all("literal" in person or {"family", "given"} == set(person) for person in people)
        assert re.fullmatch(r"10\.\d{4,5}/\S+", item.get("DOI", "10.1000/none"))
        assert ("container-title" in item) == (item["type"] == "article-journal") == ("volume" in item)
