"""Figures of one state and site that are drawn from tables and from one example scan."""

import numpy as np
import pytest

from lfpbold import figures

BANDS = ["delta", "gamma"]
RANGES = {"delta": (1, 4), "gamma": (40, 100), "high": (60, 90), "ripple": (150, 200)}


def scan(sub="01", run="1", **more):
    return {"sub": sub, "ses": "01", "run": run, "state": "sedated", "site": "M1", **more}


def lag(band, lag_s, r, sem=np.nan, n_scans=1.0):
    return {"state": "sedated", "site": "M1", "band": band, "lag_s": lag_s, "n_scans": n_scans, "r": r, "sem": sem}


def texts(figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


@pytest.fixture
def example():
    rng = np.random.default_rng(1)
    kept = np.ones(400, dtype=bool)
    kept[10:13] = False
    return {
        "power_times_s": np.arange(0.5, 400, 0.1),
        "power": rng.exponential(size=(3995, 2)),
        "volume_times_s": np.arange(400.0),
        "regressors": rng.standard_normal((400, 2)) * 7 + 3,
        "bands": BANDS,
        "kept": kept,
        "seed": rng.standard_normal(397),
        "scan": "sub-01 ses-01 run-1",
    }


def test_lags_show_mean_and_standard_error_in_the_order_of_lags():
    rows = [lag("gamma", s, r, 0.1, 4.0) for s, r in ((0.0, 0.2), (-1.0, -0.8), (1.0, 1.2))]
    figure = figures.lags([*rows, lag("shuffled_gamma", 0.0, 5.0)], BANDS, "M1")
    (panel,) = figure.axes
    drawn = panel.lines[0]
    assert (list(drawn.get_xdata()), list(drawn.get_ydata())) == ([-1, 0, 1], [-0.8, 0.2, 1.2])
    edges = panel.collections[0].get_paths()[0].vertices[:, 1]
    assert (edges.min(), edges.max()) == pytest.approx((-0.9, 1.3))
    assert panel.get_ylabel() == "r, mean ± SEM over 4 scans"
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["gamma"]


def test_lags_of_1_hz_bins_stand_at_their_frequency_and_gaps_stay_gaps():
    rows = [lag(b, s, r) for b, r in (("f010", 0.1), ("f012", 0.3)) for s in (0.0, 2.0)] + [lag("gamma", 0.0, 0.5)]
    figure = figures.lags(rows, ["gamma"], "M1")
    image = figure.axes[1].images[0]
    np.testing.assert_array_equal(image.get_array().filled(np.nan), [[0.1, 0.1], [np.nan] * 2, [0.3, 0.3]])
    assert image.get_extent() == [-1, 3, 10, 13]
    assert image.get_clim() == (-0.3, 0.3)


def test_one_scan_has_no_standard_error():
    figure = figures.lags([lag("gamma", s, 0.1) for s in (0.0, 1.0)], ["gamma"], "M1")
    assert not figure.axes[0].collections
    assert figure.axes[0].get_ylabel() == "r of one scan"


def test_bands_keep_apart_without_colour():
    rows = [lag(band, s, 0.1) for band in BANDS for s in (0.0, 1.0)]
    first, second = figures.lags(rows, BANDS, "M1").axes[0].lines[:2]
    assert first.get_linestyle() != second.get_linestyle()


def test_regressors_are_z_scores_of_the_scan_over_its_first_300_s(example):
    figure = figures.regressors(example, [*BANDS, "multiunit"], "M1")
    assert [panel.get_ylabel() for panel in figure.axes] == ["delta", "gamma", "seed\nBOLD"]
    whole = example["regressors"][:, 1]
    power, _, regressor = figure.axes[1].lines
    np.testing.assert_allclose(regressor.get_ydata(), ((whole - whole.mean()) / whole.std())[:301])
    whole = example["power"][:, 1]
    wanted = ((whole - whole.mean()) / whole.std())[example["power_times_s"] <= 300]
    np.testing.assert_allclose(power.get_ydata(), wanted)
    (seed,) = figure.axes[2].lines
    assert np.flatnonzero(np.isnan(seed.get_ydata())).tolist() == [10, 11, 12]
    z = (example["seed"] - example["seed"].mean()) / example["seed"].std()
    np.testing.assert_allclose(seed.get_ydata()[13:], z[10:298])
    said = texts(figure).replace("\n", " ")
    assert "sub-01 ses-01 run-1, the first 300 s of 400 s." in said and "Gaps: censored volumes." in said


def test_a_short_scan_is_shown_whole(example):
    short = {k: v[:50] if np.ndim(v) and k != "bands" else v for k, v in example.items()}
    short |= {"seed": example["seed"][:47]}
    assert "the whole scan of 50 s" in texts(figures.regressors(short, BANDS, "M1"))


def test_sweep_draws_averaged_maps_mean_of_scans_and_time_at_the_middle_of_bins():
    r = {"f010": (0.1, 0.3), "f011": (np.nan, np.nan), "f012": (0.4, 0.6), "f014": (0.5, 0.5), "gamma": (9.0, 9.0)}
    spatial = [scan(run=str(i), band=b, r=pair[i]) for b, pair in r.items() for i in (0, 1)]
    temporal = [{**row, "r": row["r"] / 2} for row in spatial]
    group = [{"state": "sedated", "site": "M1", "band": b, "r": pair[0]} for b, pair in r.items()]
    figure = figures.sweep(temporal, spatial, group, RANGES, "M1")
    (panel,) = figure.axes
    lines = {line.get_label(): line for line in panel.lines}
    for label, wanted in (
        ("spatial, averaged maps", [0.1, np.nan, 0.4, np.nan, 0.5]),
        ("spatial, mean of scans ± SEM", [0.2, np.nan, 0.5, np.nan, 0.5]),
        ("temporal, mean of scans", [0.1, np.nan, 0.25, np.nan, 0.25]),
    ):
        np.testing.assert_allclose(lines[label].get_ydata(), wanted)
        assert list(lines[label].get_xdata()) == [10.5, 11.5, 12.5, 13.5, 14.5]
    edges = np.concatenate([path.vertices[:, 1] for path in panel.collections[0].get_paths()])
    assert edges.max() == pytest.approx(0.6)  # the standard error of .4 and .6 is .1
    # Bins without neighbours, of which a line would show nothing, are dots.
    dots = [line for line in panel.lines if line.get_marker() == "."]
    assert [list(line.get_xdata()) for line in dots] == [[10.5, 12.5, 14.5]] * 3


def test_sweep_marks_the_ranges_of_bands_within_the_bins_and_stacks_those_that_overlap():
    rows = [scan(band=f"f{i:03d}", r=0.1) for i in range(100)]
    figure = figures.sweep(rows, rows, rows, RANGES, "M1")
    blocks = {p.get_label(): p for p in figure.axes[0].patches}
    assert list(blocks) == ["delta", "gamma", "high"]
    assert [(b.get_x(), b.get_width()) for b in blocks.values()] == [(1, 3), (40, 60), (60, 30)]
    assert blocks["high"].get_y() == pytest.approx(blocks["gamma"].get_y() + blocks["gamma"].get_height())
    assert blocks["delta"].get_y() == blocks["gamma"].get_y()
    colours = figures.band_colours(RANGES)
    assert blocks["high"].get_facecolor() == pytest.approx((*to_rgb(colours["high"]), 0.6))


def to_rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def spectra(lift):
    values = np.linspace(-10, 10, 12).reshape(3, 4)
    return {
        "Times": [0.5, 1.5, 2.5, 3.5],
        "Frequencies": [0.0, 10.0, 20.0],
        "Before": (values + lift).tolist(),
        "After": [[None, *row[1:]] for row in values.tolist()],
    }


@pytest.mark.parametrize(("lift", "bars"), [(5.0, 1), (40.0, 2)])
def test_spectrograms_have_scales_of_their_own_where_they_differ_much(lift, bars):
    qc = {"Channel": "A1", "Whole": spectra(lift), "CloseUp": spectra(lift)}
    figure = figures.spectrogram(qc, "sub-01")
    panels = [panel for panel in figure.axes if panel.get_label() != "<colorbar>"]
    assert len(figure.axes) - len(panels) == bars
    before, _, after, _ = (panel.images[0] for panel in panels)
    np.testing.assert_allclose(before.get_array(), qc["Whole"]["Before"])
    assert after.get_array().mask[:, 0].all() and not after.get_array().mask[:, 1:].any()
    assert tuple(before.get_extent()) == (0, 4, -5, 25)
    assert (before.get_clim() == after.get_clim()) == (bars == 1)
    assert panels[1].get_title(loc="left") == "Close-up of 4 s"


def test_spectrogram_says_why_there_is_none():
    excluded = {"Excluded": {"Step": "artefact", "Reason": "fewer triggers than volumes"}}
    assert "fewer triggers than volumes" in texts(figures.spectrogram(excluded, "x"))
    nothing = {"Times": [0.5], "Frequencies": [1.0, 2.0], "Before": [[None], [None]], "After": [[None], [None]]}
    assert len(figures.spectrogram({"Whole": nothing}, "x").axes) == 3


def pair_row(band, run, time, space):
    return scan(
        run=run,
        band=band,
        temporal_r=time,
        spatial_r=space,
        temporal_rho=time / 2,
        spatial_rho=space / 2,
        temporal_z=np.arctanh(time),
        spatial_z=np.arctanh(space),
    )


def test_paired_joins_time_and_space_of_each_scan_and_prints_the_tests():
    rows = [pair_row("gamma", "1", 0.2, 0.6), pair_row("gamma", "2", 0.4, 0.8), pair_row("gamma", "3", 0.1, np.nan)]
    rows += [pair_row("delta", "1", -0.2, -0.4)]
    test = {"band": "gamma", "test": "spatial_minus_temporal", "t": 9.13, "df": 158.0, "p": 1e-9, "p_animals": 0.031}
    other = {**test, "test": "temporal", "measure": "r", "t": 1.0}
    tests = [other, {**test, "measure": "r"}, {**test, "measure": "rho", "t": -2.0, "p_animals": np.nan}]
    figure = figures.paired(rows, tests, [*BANDS, "theta"], "M1")
    for panel, place in zip(figure.axes[:3], (lambda r: r, lambda r: r / 2, np.arctanh), strict=True):
        dots = panel.collections[-1].get_offsets()
        drawn = {(round(x), round(float(y), 6)) for x, y in dots if np.isfinite(y)}
        # Delta stands at 0 and 1, gamma at 2 and 3.
        told = [(0, -0.2), (1, -0.4), (2, 0.2), (3, 0.6), (2, 0.4), (3, 0.8), (2, 0.1)]
        assert drawn == {(x, round(float(place(y)), 6)) for x, y in told}
        _, bars, lines = panel.collections[:3]
        assert len(lines.get_segments()) == 3  # the scan without a spatial r has no line
        means = [segment[0, 1] for segment in bars.get_segments()]  # one scan of delta has no mean
        assert means == pytest.approx([np.mean(place(np.array(v))) for v in ([0.2, 0.4, 0.1], [0.6, 0.8])])
    r, rho, z = ([t.get_text() for t in panel.get_xticklabels(minor=True)] for panel in figure.axes[:3])
    assert r == ["no test", "t(158) = 9.1, scans\nanimals p = .03"]
    assert rho[1] == "t(158) = −2.0, scans\nanimals p n/a"
    assert z == ["no test", "no test"]


def grid(r=lambda delay, undershoot: 0.1):
    return [
        {
            "state": "sedated",
            "site": "M1",
            "band": "gamma",
            "delay_s": delay,
            "undershoot_s": undershoot,
            "degenerate": float(delay == undershoot),
            "n_scans": 3.0,
            "r": r(delay, undershoot),
            "sem": 0.01,
        }
        for delay in (3.0, 3.5, 4.0)
        for undershoot in (3.0, 4.0, 5.0, 6.0)
    ]


def test_hrfgrid_marks_the_strongest_cell_the_configured_one_and_those_without_undershoot():
    rows = grid(lambda delay, undershoot: -0.4 if (delay, undershoot) == (3.5, 6.0) else delay / 10 - 0.2)
    figure = figures.hrfgrid(rows, [4, 4, 1, 1, 6, 0, 32], "M1")
    panel = figure.axes[0]
    image = panel.images[0]
    assert image.get_clim() == (-0.4, 0.4)
    np.testing.assert_allclose(image.get_array()[:, 0], [0.1, 0.15, 0.2])
    assert image.get_extent() == [2.5, 6.5, 2.75, 4.25]
    marks = {c.get_label(): c.get_offsets().tolist() for c in panel.collections if not c.get_label().startswith("_")}
    assert marks == {
        "no undershoot": [[3.0, 3.0], [4.0, 4.0]],
        "largest |r|: r = −.40": [[6.0, 3.5]],
        "configured (4 s, 4 s), r = .20": [[4.0, 4.0]],
    }
    assert len(panel.collections) == 2 * len(marks)  # each with a white rim


def test_hrfgrid_leaves_out_a_configured_response_beyond_its_range():
    figure = figures.hrfgrid(grid(), [6, 16, 1, 1, 6, 0, 32], "M1")
    assert not any("configured" in c.get_label() for c in figure.axes[0].collections)
