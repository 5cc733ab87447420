"""Figures hold the numbers that they were given, survive what studies contain, and come out the same each time."""

import io

import numpy as np
import pytest
from PIL import Image

from lfpbold import figures
from lfpbold.figures import style
from lfpbold.figures.brain import View, colour_limit

BANDS = ["delta", "gamma"]
NAMES = figures.removal_names("gamma", BANDS, 85)
AFFINE = np.array([[0.5, 0, 0, -3], [0, 0.5, 0, -2], [0, 0, 1, -4], [0, 0, 0, 1.0]])


def scan(sub="01", run="1", state="sedated", site="M1", **more):
    return {"sub": sub, "ses": "01", "run": run, "state": state, "site": site, **more}


def estimate(measure, value, low=np.nan, high=np.nan, **more):
    row = {"state": "sedated", "site": "M1", "measure": measure, "value": value, "ci_low": low, "ci_high": high}
    return {**row, "unit": "", "n": 2.0, "n_animals": 2.0, **more}


@pytest.fixture
def volume():
    rng = np.random.default_rng(3)
    brain = np.zeros((12, 10, 6), dtype=bool)
    brain[2:10, 2:8, 1:5] = True
    return np.where(brain, rng.standard_normal(brain.shape) * 0.2, np.nan)


def saved(figure) -> tuple[bytes, bytes]:
    png, svg = io.BytesIO(), io.BytesIO()
    figures.save(figure, png, svg)
    return png.getvalue(), svg.getvalue()


def texts(figure) -> str:
    panels = figure.axes
    found = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]
    return "\n".join(found + [panel.get_title(loc="left") for panel in panels])


def test_headline_shows_scans_and_estimates_where_they_are():
    temporal = [
        scan(run="1", band="gamma", r=0.5),
        scan(run="2", band="gamma", r=-0.3),
        scan(run="3", band="delta", r=0.9),
    ]
    spatial = [scan(run="1", band="gamma", r=0.8), scan(run="2", band="gamma", r=0.6)]
    rows = [
        estimate("temporal_r2", 0.01, 0.0, 0.2),
        estimate("spatial_r2_scan", 0.49),
        estimate("spatial_r2_group", 0.9),
    ]
    figure = figures.headline(rows, temporal, spatial, "gamma", BANDS)
    panel = figure.axes[0]
    time, space = (collection.get_offsets()[:, 1] for collection in panel.collections[:2])
    assert sorted(time) == pytest.approx([0.09, 0.25])
    assert sorted(space) == pytest.approx([0.36, 0.64])
    # The scan with a negative r is an open dot.
    assert [tuple(face[:3]) == (1, 1, 1) for face in panel.collections[0].get_facecolors()] == [False, True]
    bars = [line.get_ydata()[0] for line in panel.lines if line.get_linewidth() == 2.2]
    assert bars == [0.01, 0.49, 0.9]
    assert {"1.0 %", "49 %", "90 %"} <= {text.get_text() for text in panel.texts}


def test_bands_show_every_scan_its_mean_and_the_averaged_maps():
    temporal = [
        scan(run=str(i), band=band, r=r)
        for band, values in (("delta", [-0.1, -0.3]), ("gamma", [0.2, 0.6]))
        for i, r in enumerate(values)
    ]
    group = [{"state": "sedated", "site": "M1", "band": band, "r": r} for band, r in (("delta", -0.8), ("gamma", 0.95))]
    figure = figures.bands(temporal, temporal, group, BANDS)
    top, bottom = figure.axes
    assert sorted(np.concatenate([c.get_offsets()[:, 1] for c in top.collections])) == [-0.3, -0.1, 0.2, 0.6]
    means = [line.get_ydata()[0] for line in top.lines if line.get_linewidth() == 2]
    assert means == pytest.approx([-0.2, 0.4])
    drawn = np.concatenate([c.get_offsets()[:, 1] for c in bottom.collections])
    assert {-0.8, 0.95} <= set(drawn)


def test_one_hz_bins_are_drawn_at_their_middle_and_gaps_stay_gaps():
    rows = [scan(band=band, r=r) for band, r in (("gamma", 0.3), ("f010", 0.1), ("f011", np.nan), ("f012", 0.4))]
    figure = figures.bands(rows, rows, [], ["gamma"])
    line = next(line for line in figure.axes[2].lines if line.get_label() == "1 Hz, temporal")
    assert list(line.get_xdata()) == [10.5, 11.5, 12.5]
    np.testing.assert_array_equal(line.get_ydata(), [0.1, np.nan, 0.4])


def test_lags_show_mean_and_standard_error():
    rows = [
        scan(run=str(i), band="gamma", lag_s=lag, r=r + lag)
        for i, r in enumerate((0.1, 0.3))
        for lag in (-1.0, 0.0, 1.0)
    ]
    figure = figures.lags(rows, ["gamma"], "M1")
    panel = figure.axes[0]
    np.testing.assert_allclose(panel.lines[0].get_ydata(), [-0.8, 0.2, 1.2])
    edges = panel.collections[0].get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx(1.2 + 0.1)  # the standard error of .1 and .3 is .1


def test_noise_curve_is_the_closed_form_and_passes_through_the_observed_points():
    row = {
        "state": "sedated",
        "site": "M1",
        "observed_spatial": 0.58,
        "observed_temporal": 0.37,
        "cnr_closed_form": 1.2519,
    }
    figure = figures.noise(
        [{**row, "true_temporal_closed_form": 0.606}], {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1]}, "gamma", BANDS
    )
    black, coloured = (line for line in figure.axes[0].lines if line.get_linewidth() == 1.3)
    assert np.interp(1.2519, *black.get_data()) == pytest.approx(0.58, abs=1e-3)
    assert np.interp(1.2519, *coloured.get_data()) == pytest.approx(0.37, abs=1e-3)


def test_maps_have_scales_centred_on_zero_and_name_their_slices(volume):
    figure = figures.maps(volume, {"gamma": volume * 0.1 + 0.3}, AFFINE, "M1")
    for panel in figure.axes[:8]:
        low, high = panel.images[1].get_clim()
        assert low == -high
    assert figure.axes[0].images[1].get_clim()[1] == pytest.approx(colour_limit([volume]))
    # Slices 1 to 4 hold brain; voxels are thickest along z, which starts at −4 mm.
    assert [panel.get_title() for panel in figure.axes[:4]] == [
        "z = −3.0 mm",
        "z = −2.0 mm",
        "z = −1.0 mm",
        "z = 0.0 mm",
    ]


def test_maps_put_plus_x_to_the_right_whatever_the_affine(volume):
    values = np.zeros(volume.shape)
    values[9, 5, 3] = 1.0
    brain = np.isfinite(volume)
    right = View(brain, AFFINE).cut(values, 3)
    flipped = View(brain[::-1], np.diag([-1.0, 1, 1, 1]) @ AFFINE).cut(values[::-1], 3)
    np.testing.assert_array_equal(right, flipped)
    _, column = np.argwhere(right == 1)[0]
    assert column > right.shape[1] / 2
    # The voxel axes in another order give the same picture.
    turned = View(brain.transpose(2, 0, 1), AFFINE[:, [2, 0, 1, 3]]).cut(values.transpose(2, 0, 1), 3)
    np.testing.assert_array_equal(right, turned)


def test_maps_show_at_most_eight_slices():
    figure = figures.maps(np.ones((4, 4, 30)), {}, np.eye(4) * [1, 1, 2, 1], "many")
    assert len([panel for panel in figure.axes if panel.images]) == 8


def test_scatter_draws_voxel_against_voxel(volume):
    lfp = {"delta": -volume, "gamma": volume * 0.5}
    figure = figures.scatter(volume, lfp, {"delta": -0.78, "gamma": float("nan")}, "M1")
    brain = np.isfinite(volume)
    for panel, factor in zip(figure.axes, (-1, 0.5), strict=True):
        np.testing.assert_allclose(
            panel.collections[0].get_offsets(), np.column_stack([volume[brain], factor * volume[brain]])
        )
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["delta: r = −.78", "gamma: r = n/a"]


def test_removal_shows_r_and_slope_of_scans_and_averaged_maps(volume):
    rows = [scan(removal="gamma", r=0.97, slope=0.9), scan(sub="group", removal="gamma", r=0.9996, slope=0.85)]
    figure = figures.removal(volume, {"gamma": volume * 0.9}, AFFINE, rows, NAMES, "M1")
    panels = [panel for sub in figure.subfigs for panel in sub.axes if not panel.images and panel.collections]
    r, slope = (p for p in panels if p.get_ylabel().endswith("map before"))
    assert [c.get_offsets()[0, 1] for c in r.collections] == [0.97, 0.9996]
    assert [c.get_offsets()[0, 1] for c in slope.collections] == [0.9, 0.85]
    assert ".9996" in [text.get_text() for text in r.texts]


def test_artefact_shows_both_traces_and_the_slice_harmonics():
    qc = {
        "Channel": "A1",
        "SamplingFrequency": 1000.0,
        "TraceStart": 5.0,
        "TraceBefore": [0.0, 100.0, -100.0],
        "TraceAfter": [0.0, 1.0, -1.0],
        "Frequencies": [1.0, 10.0, 500.0],
        "DensityBefore": [9.0, 8.0, 7.0],
        "DensityAfter": [3.0, 2.0, 1.0],
    }
    figure = figures.artefact(qc, {"SliceAcquisitionsPerVolume": 20, "RepetitionTime": 2.0}, "one")
    before, after, spectrum = figure.axes
    assert list(before.lines[0].get_ydata()) == qc["TraceBefore"]
    assert list(after.lines[0].get_ydata()) == qc["TraceAfter"]
    assert list(before.lines[0].get_xdata()) == [5.0, 5.001, 5.002]
    marked = [line.get_xdata()[0] for line in spectrum.lines if line.get_linewidth() == 0.6]
    assert marked == [10.0 * k for k in range(1, 31)]


def test_motion_shades_the_volumes_left_out():
    names = ("trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z")
    rows = [
        {
            **dict.fromkeys(names, 0.0),
            "framewise_displacement": 0.3 if v in (3, 4) else 0.01,
            "keep": float(v not in (3, 4, 5)),
        }
        for v in range(9)
    ]
    figure = figures.motion(rows, {"FdThreshold": 0.1}, "run")
    assert list(figure.axes[0].lines[0].get_ydata()) == [row["framewise_displacement"] for row in rows]
    (shaded,) = figure.axes[0].patches
    assert (shaded.get_x(), shaded.get_x() + shaded.get_width()) == (2.5, 5.5)
    assert "3 of 9 volumes left out" in figure.axes[0].get_title(loc="right")


def test_same_input_same_bytes(volume):
    def draw():
        return saved(figures.maps(volume, {"gamma": volume}, AFFINE, "M1", background=np.nan_to_num(volume)))

    first, again = draw(), draw()
    assert first == again
    assert b"<dc:date>" not in first[1]


def test_a_figure_keeps_its_colours_and_white_paper():
    png, _ = saved(figures.headline([estimate("temporal_r2", 0.2)], [scan(band="gamma", r=0.6)], [], "gamma", BANDS))
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert (picture[0] == 255).all()
    vermillion = np.array([0xD5, 0x5E, 0x00]) * 0.65 + 255 * 0.35  # dots let a third of the paper through
    assert np.abs(picture - vermillion).max(axis=-1).min() < 20


EMPTY = {
    "headline": lambda: figures.headline([], [], [], "gamma", BANDS),
    "bands": lambda: figures.bands([], [], [], BANDS),
    "lags": lambda: figures.lags([], BANDS, "M1"),
    "noise": lambda: figures.noise([], {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1]}, "gamma", BANDS),
    "maps": lambda: figures.maps(None, {}, None, "M1"),
    "scatter": lambda: figures.scatter(None, {}, {}, "M1"),
    "removal": lambda: figures.removal(None, {}, None, [], NAMES, "M1"),
    "motion": lambda: figures.motion([], {}, "run"),
    "artefact": lambda: figures.artefact({}, {}, "run"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_show_gives_a_figure_that_says_so(name):
    figure = EMPTY[name]()
    assert any(word in texts(figure) for word in ("No ", "no map", "nothing", "not estimated"))
    saved(figure)


def test_an_excluded_recording_says_why():
    excluded = {"Excluded": {"Step": "artefact", "Reason": "fewer triggers than volumes"}}
    assert "fewer triggers than volumes" in texts(figures.artefact(excluded, excluded, "run"))
    assert "fewer triggers than volumes" in texts(figures.motion([], excluded, "run"))


def test_one_voxel_one_scan_and_no_correlation_are_drawn(volume):
    voxel = np.ones((1, 1, 1))
    assert "fewer than three voxels" in texts(figures.maps(voxel, {"gamma": voxel}, AFFINE, "one"))
    assert "fewer than three voxels" in texts(figures.scatter(voxel, {"gamma": voxel}, {}, "one"))
    rows = [scan(removal=kind, r=np.nan, slope=np.nan) for kind in NAMES]
    assert "fewer than three voxels" in texts(figures.removal(voxel, {}, AFFINE, rows, NAMES, "one"))
    missing = [scan(band="gamma", r=np.nan, lag_s=0.0)]
    for figure in (
        figures.bands(missing, missing, [], ["gamma"]),
        figures.lags(missing, ["gamma"], "one"),
        figures.headline([estimate("temporal_r2", np.nan)], missing, missing, "gamma", BANDS),
        figures.noise(
            [
                {
                    "state": "a",
                    "site": "b",
                    "observed_spatial": np.nan,
                    "observed_temporal": np.nan,
                    "cnr_closed_form": np.nan,
                    "true_temporal_closed_form": np.nan,
                }
            ],
            {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1]},
            "gamma",
            BANDS,
        ),
        figures.maps(np.where(np.isfinite(volume), 0.0, np.nan), {"gamma": volume * 0}, AFFINE, "constant"),
        figures.scatter(np.full(volume.shape, 0.5), {"gamma": volume}, {}, "constant seed map"),
        figures.removal(volume, {}, AFFINE, [scan(removal="gamma", r=0.5, slope=np.nan)], NAMES, "one"),
    ):
        saved(figure)


def test_each_band_has_one_colour_of_its_own():
    names = [*style.NAMED, "ripple", "spindle", "slow"]
    colours = figures.band_colours(names)
    assert len(set(colours.values())) == len(names)
    assert all(colours[name] == style.NAMED[name] for name in style.NAMED)
    assert list(figures.band_colours([f"b{i}" for i in range(30)])) == [f"b{i}" for i in range(30)]


def test_one_scan_has_no_standard_error():
    figure = figures.lags([scan(band="gamma", lag_s=lag, r=0.1) for lag in (0.0, 1.0)], ["gamma"], "M1")
    assert not figure.axes[0].collections
    assert figure.axes[0].get_ylabel() == "r of one scan"


def test_the_legend_of_all_bands_fits_one_group():
    rows = [scan(band=band, r=0.2) for band in ("gamma", "f010", "f011")]
    figure = figures.bands(rows, rows, [], ["gamma"])
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
