"""Maps: slices stand the right way round, show the values given, and mark the seed."""

import io

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from lfpbold import figures
from lfpbold.figures.view import View, colour_limit

AFFINE = np.array([[0.5, 0, 0, -3], [0, 0.5, 0, -2], [0, 0, 1, -4], [0, 0, 0, 1.0]])
NAMES = figures.removal_names("gamma", ["delta", "gamma"], 85)


@pytest.fixture
def volume():
    rng = np.random.default_rng(3)
    brain = np.zeros((12, 10, 6), dtype=bool)
    brain[2:10, 2:8, 1:5] = True
    return np.where(brain, rng.standard_normal(brain.shape) * 0.2, np.nan)


def rows_of(figure):
    """The panels that hold a map."""
    return [panel for panel in figure.axes if len(panel.images) == 2]


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]


def outlines(panel):
    return [c for c in panel.collections if isinstance(c, LineCollection)]


def test_maps_show_the_values_on_scales_centred_on_zero_and_name_their_slices(volume):
    figure = figures.maps(volume, {"gamma": volume * 0.1 + 0.3}, AFFINE, "M1")
    seed, lfp = rows_of(figure)
    for panel, values in ((seed, volume), (lfp, volume * 0.1 + 0.3)):
        low, high = panel.images[1].get_clim()
        assert low == -high == -colour_limit([values])
    # Slices 1 to 4 hold brain; they stand side by side, with one voxel of margin around the brain.
    shown = np.asarray(seed.images[1].get_array().filled(np.nan))
    wanted = np.concatenate([volume[1:11, 1:9, z].T for z in (1, 2, 3, 4)], axis=1)
    np.testing.assert_array_equal(shown, wanted)
    # Voxels are thickest along z, which starts at −4 mm.
    assert [t.get_text() for t in seed.texts] == ["z = −3.0 mm", "z = −2.0 mm", "z = −1.0 mm", "z = 0.0 mm"]
    assert not lfp.texts


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
    assert len(rows_of(figure)[0].texts) == 8


def test_the_seed_is_outlined_along_the_edges_of_its_voxels(volume):
    seed = np.zeros(volume.shape, dtype=bool)
    seed[4:6, 3, 2] = True
    figure = figures.maps(volume, {"gamma": volume}, AFFINE, "M1", seed=seed)
    for panel in rows_of(figure):
        white, dark = outlines(panel)
        assert white.get_linewidth()[0] > dark.get_linewidth()[0]
        corners = np.concatenate(dark.get_segments())
        # The second of four slices; a slice is ten voxels wide and starts at voxel (1, 1).
        assert (corners.min(axis=0) == [10 + 3 - 0.5, 2 - 0.5]).all()
        assert (corners.max(axis=0) == [10 + 5 - 0.5, 3 - 0.5]).all()
        assert len(dark.get_segments()) == 6  # around two voxels
    assert "seed map\n(seed outlined)" in texts(figure)


def test_a_small_seed_is_never_missed_by_the_choice_of_slices():
    brain = np.ones((6, 6, 40))
    for z in range(40):
        seed = np.zeros(brain.shape, dtype=bool)
        seed[2, 2, z] = True
        view = View(brain > 0, np.diag([1.0, 1, 2, 1]), seed=seed)
        assert z in view.slices and len(set(view.slices)) == 8
        assert (np.diff(view.slices) > 0).all()


def test_without_a_seed_nothing_is_outlined(volume):
    for seed in (None, np.zeros(volume.shape, dtype=bool), np.ones((2, 2, 2), dtype=bool)):
        figure = figures.maps(volume, {"gamma": volume}, AFFINE, "M1", seed=seed)
        assert not any(outlines(panel) for panel in rows_of(figure))
        assert "seed map" in texts(figure)


def test_shuffled_and_true_power_share_a_scale_and_tell_their_r(volume):
    figure = figures.shuffled(volume, volume * 0.5, volume * 0.01, {"true": 0.95, "shuffled": -0.02}, AFFINE, "M1")
    seed, true, random = rows_of(figure)
    assert true.images[1].get_clim() == random.images[1].get_clim() != seed.images[1].get_clim()
    np.testing.assert_allclose(random.images[1].get_array(), seed.images[1].get_array() * 0.01)
    assert true.get_ylabel().endswith("spatial r = .95") and random.get_ylabel().endswith("spatial r = −.02")


def test_information_has_a_scale_from_zero(volume):
    nats = np.abs(volume)
    maps = {"seed": nats, "delta": nats * 0.1, "gamma": nats * 0.2}
    figure = figures.information(maps, AFFINE, "M1", note="10 bins")
    seed, delta, gamma = rows_of(figure)
    assert seed.images[1].get_clim() == (0, colour_limit([nats]))
    assert delta.images[1].get_clim() == gamma.images[1].get_clim() == (0, colour_limit([nats * 0.1, nats * 0.2]))
    assert seed.images[1].get_cmap().name == "viridis"
    assert "10 bins" in texts(figure)


def test_information_subtracts_the_chance_level_of_each_band(volume):
    """Skewed regressors have less of it: with one level for all, a band of pure noise would light up."""
    nats = np.abs(volume)
    maps = {"seed": nats + 0.3, "delta": nats * 0 + 0.4, "gamma": nats + 0.2}
    figure = figures.information(maps, AFFINE, "M1", chance={"delta": 0.4, "gamma": 0.2}, note="10 bins")
    seed, delta, gamma = (panel.images[1].get_array() for panel in rows_of(figure))
    assert np.nanmax(delta) == 0
    np.testing.assert_allclose(np.nanmax(gamma), np.nanmax(nats), rtol=1e-6)
    np.testing.assert_allclose(np.nanmax(seed), np.nanmax(nats), rtol=1e-6)
    assert "each band's chance level (0.2 to 0.4 nats) subtracted" in " ".join(" ".join(texts(figure)).split())


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
    scan = {"sub": "01", "ses": "01", "run": "1", "state": "sedated", "site": "M1", "removal": "gamma"}
    rows = [{**scan, "r": 0.97, "slope": 0.9}, {**scan, "sub": "group", "r": 0.9996, "slope": 0.85}]
    figure = figures.removal(volume, {"gamma": volume * 0.9}, AFFINE, rows, NAMES, "M1")
    panels = [panel for sub in figure.subfigs for panel in sub.axes if not panel.images and panel.collections]
    r, slope = (p for p in panels if p.get_ylabel().endswith("map before"))
    assert [c.get_offsets()[0, 1] for c in r.collections] == [0.97, 0.9996]
    assert [c.get_offsets()[0, 1] for c in slope.collections] == [0.9, 0.85]
    assert ".9996" in [text.get_text() for text in r.texts]
    before, after = (panel for sub in figure.subfigs for panel in sub.axes if len(panel.images) == 2)
    assert before.images[1].get_clim() == after.images[1].get_clim()
    np.testing.assert_allclose(after.images[1].get_array(), before.images[1].get_array() * 0.9)


def test_peaks_are_shaded_where_the_regressor_of_kept_volumes_is_above_its_percentile(volume):
    course = np.arange(100.0)
    kept = np.ones(100, dtype=bool)
    kept[95] = False
    example = {
        "power_times_s": np.arange(0, 200, 0.5),
        "power": np.ones((400, 1)),
        "volume_times_s": 2.0 * np.arange(100),
        "regressors": course[:, None],
        "bands": ["gamma"],
        "kept": kept,
        "seed": np.sin(course[kept]),
        "scan": "sub-01",
    }
    figure = figures.peaks(example, volume, volume * 0.5, AFFINE, "gamma", 85, "M1")
    panel = next(p for sub in figure.subfigs for p in sub.axes if p.get_xlabel() == "time in the scan (s)")
    assert np.percentile(course[kept], 85) == pytest.approx(83.3)
    shaded = np.concatenate([path.vertices[:, 0] for path in panel.collections[0].get_paths()])
    # Volumes 84 to 99 without 95, two seconds each.
    assert (shaded.min(), shaded.max()) == (2 * 84 - 1, 2 * 99 + 1)
    assert not ((shaded > 189) & (shaded < 191)).any()
    regressor, seed = (line for line in panel.lines if line.get_label() in ("gamma regressor", "seed BOLD"))
    np.testing.assert_allclose(regressor.get_ydata(), (course - course.mean()) / course.std())
    assert np.flatnonzero(np.isnan(seed.get_ydata())).tolist() == [95]
    assert "15 of 99 volumes are peaks" in panel.get_title(loc="left")
    before, after = (p for sub in figure.subfigs for p in sub.axes if len(p.images) == 2)
    assert before.images[1].get_clim() == after.images[1].get_clim()


def test_maps_of_any_size_and_labels_of_any_length_are_saved(volume):
    long = {"a_band_with_quite_a_long_name": volume, "b": volume}
    for figure in (
        figures.maps(volume, long, AFFINE, "M1", background=np.nan_to_num(volume)),
        figures.maps(volume[:, :, 2:3], {"gamma": volume[:, :, 2:3]}, AFFINE, "one slice"),
        figures.maps(np.where(np.isfinite(volume), 0.0, np.nan), {"gamma": volume * 0}, AFFINE, "constant"),
        figures.maps(volume, {"gamma": volume * np.nan}, AFFINE, "no LFP map"),
        figures.maps(volume, {"gamma": volume}, AFFINE, "holes", background=np.where(volume > 0, volume, np.nan)),
        figures.information({"seed": volume * 0, "gamma": volume * np.nan}, AFFINE, "no information"),
        figures.scatter(np.full(volume.shape, 0.5), {"gamma": volume}, {}, "constant seed map"),
    ):
        figures.save(figure, io.BytesIO(), io.BytesIO())
        figure.canvas.draw()
        for panel in rows_of(figure):  # labels stay on the paper
            assert panel.yaxis.label.get_window_extent().x0 >= 0
