"""All figures: they survive what studies contain, come out the same each time, and carry their captions."""

import inspect
import io
import re

import numpy as np
import pytest
from PIL import Image

from lfpbold import figures
from lfpbold.figures import style

BANDS = ["delta", "gamma"]
NAMES = figures.removal_names("gamma", BANDS, 85)
AFFINE = np.array([[0.5, 0, 0, -3], [0, 0.5, 0, -2], [0, 0, 1, -4], [0, 0, 0, 1.0]])
SETTINGS = {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1]}
HRF = [4, 4, 1, 1, 6, 0, 32]
NAN = float("nan")
HELPERS = {"band_colours", "caption", "caption_of", "is_one_hz", "message_figure", "removal_names", "save", "save_all"}


def scan(sub="01", run="1", state="sedated", site="M1", **more):
    return {"sub": sub, "ses": "01", "run": run, "state": state, "site": site, **more}


@pytest.fixture
def volume():
    rng = np.random.default_rng(3)
    brain = np.zeros((12, 10, 6), dtype=bool)
    brain[2:10, 2:8, 1:5] = True
    return np.where(brain, rng.standard_normal(brain.shape) * 0.2, np.nan)


def saved(figure, caption="") -> tuple[bytes, bytes]:
    png, svg = io.BytesIO(), io.BytesIO()
    figures.save(figure, png, svg, caption)
    return png.getvalue(), svg.getvalue()


def texts(figure) -> str:
    panels = figure.axes
    found = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]
    return "\n".join(found + [panel.get_title(loc="left") for panel in panels])


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


def test_motion_shades_censored_volumes():
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
    assert "3 of 9 volumes censored" in figure.axes[0].get_title(loc="right")


def test_same_input_same_bytes(volume):
    def draw():
        return saved(figures.maps(volume, {"gamma": volume}, AFFINE, "M1", background=np.nan_to_num(volume)), "Maps.")

    first, again = draw(), draw()
    assert first == again
    assert b"<dc:date>" not in first[1]


def test_both_files_carry_the_caption():
    caption = "Maps of M1 & ACC. Colour: r in 1 µV²/Hz → −1 to 1."
    png, svg = saved(figures.message_figure("a", "b"), caption)
    assert Image.open(io.BytesIO(png)).text == {"Title": "Maps of M1 & ACC.", "Description": caption}
    told = svg.decode().replace("&amp;", "&")
    assert f"<dc:description>{caption}</dc:description>" in told.replace("\n", "")
    assert "<title>Maps of M1 & ACC.</title>" in told
    plain, bare = saved(figures.message_figure("a", "b"))
    assert not Image.open(io.BytesIO(plain)).text and b"dc:description" not in bare


@pytest.mark.parametrize(
    "title", ["M1", "a title that is long enough to make the paper some odd number of pixels wide"]
)
def test_a_figure_keeps_its_size_colours_and_white_paper(title, volume):
    rows = [scan(band="gamma", r=0.6)]
    for figure, colour in (
        (figures.bands(rows, rows, [], BANDS), "#D55E00"),
        (figures.scatter(volume, {"gamma": volume}, {}, title), "#D55E00"),
    ):
        picture = np.asarray(Image.open(io.BytesIO(saved(figure)[0])).convert("RGB"))
        assert picture.shape[:2] == tuple(int(x * style.DPI) for x in figure.get_size_inches()[::-1])
        assert (picture[0] == 255).all()
        vermillion = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        tints = [vermillion * a + 255 * (1 - a) for a in (0.35, 0.85)]  # dots let some of the paper through
        assert min(np.abs(picture - tint).max(axis=-1).min() for tint in tints) < 20


EMPTY = {
    "headline": lambda: figures.headline([], [], [], "gamma", BANDS),
    "bands": lambda: figures.bands([], [], [], BANDS),
    "lags": lambda: figures.lags([], BANDS, "M1"),
    "regressors": lambda: figures.regressors(None, BANDS, "M1"),
    "sweep": lambda: figures.sweep([], [], [], {"gamma": (40, 100)}, "M1"),
    "spectrogram": lambda: figures.spectrogram({}, "M1"),
    "shuffled": lambda: figures.shuffled(None, None, None, {}, None, "M1"),
    "paired": lambda: figures.paired([], [], BANDS, "M1"),
    "hrfgrid": lambda: figures.hrfgrid([], HRF, "M1"),
    "peaks": lambda: figures.peaks(None, None, None, None, "gamma", 85, "M1"),
    "information": lambda: figures.information({}, None, "M1"),
    "connectivity": lambda: figures.connectivity({}, [], [], "gamma", "M1"),
    "network_peaks": lambda: figures.network_peaks([], "gamma", "M1"),
    "components": lambda: figures.components({}, [], None, "gamma", "M1"),
    "mediation": lambda: figures.mediation([], "gamma", BANDS),
    "response": lambda: figures.response([], [], "gamma", BANDS),
    "coherence": lambda: figures.coherence([], BANDS),
    "windows": lambda: figures.windows([], "gamma", BANDS),
    "states": lambda: figures.states([], [], BANDS),
    "multiunit": lambda: figures.multiunit([], "gamma", BANDS),
    "yardstick": lambda: figures.yardstick([], BANDS),
    "noise": lambda: figures.noise([], [], SETTINGS, "gamma", BANDS),
    "glm": lambda: figures.glm({}, [], [], None, "M1", alpha=0.05),
    "evoked": lambda: figures.evoked([], [], BANDS, "M1"),
    "rest_evoked": lambda: figures.rest_evoked([], BANDS),
    "maps": lambda: figures.maps(None, {}, None, "M1"),
    "scatter": lambda: figures.scatter(None, {}, {}, "M1"),
    "removal": lambda: figures.removal(None, {}, None, [], NAMES, "M1"),
    "motion": lambda: figures.motion([], {}, "run"),
    "artefact": lambda: figures.artefact({}, {}, "run"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_show_gives_a_figure_that_says_so(name):
    figure = EMPTY[name]()
    said = texts(figure)
    assert any(word in said for word in ("No ", "no map", "nothing", "not estimated", "none of these"))
    assert len(figure.axes) == 1 and not figure.axes[0].lines
    saved(figure)


def test_an_excluded_recording_says_why():
    excluded = {"Excluded": {"Step": "artefact", "Reason": "fewer triggers than volumes"}}
    assert "fewer triggers than volumes" in texts(figures.artefact(excluded, excluded, "run"))
    assert "fewer triggers than volumes" in texts(figures.motion([], excluded, "run"))


def test_one_voxel_is_no_map():
    voxel = np.ones((1, 1, 1))
    rows = [scan(removal=kind, r=np.nan, slope=np.nan) for kind in NAMES]
    for figure in (
        figures.maps(voxel, {"gamma": voxel}, AFFINE, "one"),
        figures.scatter(voxel, {"gamma": voxel}, {}, "one"),
        figures.removal(voxel, {}, AFFINE, rows, NAMES, "one"),
        figures.shuffled(voxel, voxel, voxel, {}, AFFINE, "one"),
        figures.information({"seed": voxel, "gamma": voxel}, AFFINE, "one"),
    ):
        assert "fewer than three voxels" in texts(figure)


def test_a_map_without_its_control_says_so(volume):
    assert "coupling.shuffle" in texts(figures.shuffled(volume, volume, None, {}, AFFINE, "M1"))


def example(**more):
    told = {"power_times_s": np.arange(0, 20, 0.1), "volume_times_s": np.arange(20.0), "bands": ["gamma"]}
    told |= {"power": np.full((200, 1), NAN), "regressors": np.zeros((20, 1)), "kept": np.ones(20, dtype=bool)}
    return told | {"seed": np.zeros(20), "scan": "sub-01"} | more


def test_correlations_that_are_missing_are_survived(volume):
    group = {"state": "a", "site": "b", "band": "gamma"}
    missing = [scan(band="gamma", r=NAN)]
    bins = [scan(band=f"f{i:03d}", r=NAN) for i in range(3)]
    pair = {f"{k}_{m}": NAN for k in ("temporal", "spatial") for m in ("r", "rho", "z")}
    state = {
        "state_a": "a",
        "state_b": "c",
        "mean_a": NAN,
        "mean_b": NAN,
        "difference": NAN,
        "p_animals": NAN,
        "difference_animals": NAN,
    }
    unit = dict.fromkeys(("r_lfp", "r_multiunit", "r_lfp_partial", "r_multiunit_partial"), NAN)
    noise = dict.fromkeys(
        ("observed_spatial", "observed_temporal", "cnr_closed_form", "true_temporal_closed_form"), NAN
    )
    yard = {"measure": "temporal", "published": NAN, "ours": NAN, "n_scans": NAN, "published_n": NAN}
    gone = example(kept=np.zeros(20, dtype=bool), seed=np.zeros(0))
    grid = {"delay_s": 4.0, "undershoot_s": 4.0, "degenerate": 1.0, "n_scans": 0.0, "r": NAN}
    for figure in (
        figures.bands(missing, missing, [], ["gamma"]),
        figures.lags([{**group, "lag_s": 0.0, "r": NAN, "sem": NAN, "n_scans": 0.0}], ["gamma"], "one"),
        figures.lags([{**group, "band": "f003", "lag_s": 0.0, "r": NAN, "sem": NAN, "n_scans": 0.0}], [], "one"),
        figures.headline(
            [{**group, "measure": "temporal_r2", "value": NAN, "ci_low": NAN, "ci_high": NAN, "n": 0.0}],
            missing,
            missing,
            "gamma",
            BANDS,
        ),
        figures.noise([{**group, **noise}], [], SETTINGS, "gamma", BANDS),
        figures.noise(
            [{**group, **noise}], [], SETTINGS, "gamma", BANDS, [{**group, "measure": "spatial", "cnr": NAN}]
        ),
        figures.response([{**group, "lag_s": 0.0, "h": 0.1, "se": NAN, "h_config": NAN}], [], "gamma", BANDS),
        figures.coherence([scan(band="gamma", coherence=0.1, bias=0.09)], BANDS),
        figures.windows([scan(band="gamma", sd=0.1, sd_expected=NAN)], "gamma", BANDS),
        figures.windows([scan(band="delta", sd=0.1, sd_expected=0.1, window_s=60.0, p_animals=NAN)], "gamma", BANDS),
        figures.noise([], [{"n_points": 9, "cnr": 1.0, "r": NAN, "r_sd": NAN}], SETTINGS, "gamma", BANDS),
        figures.removal(volume, {}, AFFINE, [scan(removal="gamma", r=0.5, slope=NAN)], NAMES, "one"),
        figures.sweep(bins, bins, bins, {}, "one"),
        figures.sweep(bins, bins, [{**bins[0], "r": 0.5}], {}, "one"),
        figures.paired([scan(band="gamma", **pair)], [], BANDS, "one"),
        figures.paired([scan(band="gamma", **{**pair, "temporal_r": 0.5})], [], BANDS, "one"),
        figures.hrfgrid([{**group, **grid}], HRF, "one"),
        figures.hrfgrid([{**group, **grid, "r": 0.0}], HRF, "one"),
        figures.states([{**group, "measure": "temporal", **state}], [], BANDS),
        figures.states([{**group, "measure": "spatial", **state}], [scan(band="gamma", **pair)], BANDS),
        figures.multiunit([scan(band="gamma", **unit)], "gamma", BANDS),
        figures.yardstick([{**group, **yard}], BANDS),
        figures.regressors(example(), BANDS, "constant"),
        figures.regressors(gone, BANDS, "every volume censored"),
        figures.peaks(example(), None, None, AFFINE, "gamma", 85, "no map"),
        figures.peaks(example(), volume, volume, AFFINE, "delta", 85, "main band is not in the example"),
        figures.peaks(gone, volume, volume * NAN, AFFINE, "gamma", 85, "no example"),
        figures.shuffled(volume, volume * 0, volume * NAN, {}, AFFINE, "M1"),
    ):
        saved(figure)


def test_each_band_has_one_colour_of_its_own():
    names = [*style.NAMED, "ripple", "spindle", "slow"]
    colours = figures.band_colours(names)
    assert len(set(colours.values())) == len(names)
    assert all(colours[name] == style.NAMED[name] for name in style.NAMED)
    assert list(figures.band_colours([f"b{i}" for i in range(30)])) == [f"b{i}" for i in range(30)]


def test_one_hz_bins_are_told_by_their_pattern():
    names = ["f000", "f099", "f1000", "f12", "fast", "shuffled_gamma", "infraslow", "xf012"]
    assert [name for name in names if figures.is_one_hz(name)] == ["f000", "f099"]


def test_every_figure_has_a_caption_and_its_panels():
    drawn = {name for name in figures.__all__ if inspect.isfunction(getattr(figures, name))} - HELPERS
    assert set(figures.PANELS) == set(figures.CAPTIONS) == drawn == set(EMPTY)
    study = set(re.findall(r"\d(?:-s\d|[A-K])", " ".join(figures.PANELS.values())))
    assert {"1B", "1D", "2-s1", "3-s1", "4F", "5-s1"} <= study


@pytest.mark.parametrize("kind", figures.CAPTIONS)
def test_captions_tell_the_facts_and_leave_no_hole(kind):
    facts = {"who": "M1, sedated", "n": "4 scans of 2 animals", "example": "sub-01 ses-01 run-1", "note": "10 bins."}
    facts |= {"main_band": "ripple", "percentile": "90", "removal_bands": "delta and ripple"}
    full, bare = figures.caption(kind, **facts), figures.caption(kind)
    for text in (full, bare):
        assert "{" not in text and "  " not in text and ".." not in text and ", ." not in text and ", :" not in text
        assert text.endswith(".") and text[0].isupper()
        assert len(re.findall(r"[.:;] ", text)) >= 2
    for name, value in facts.items():
        if f"{{{name}}}" in " ".join(figures.CAPTIONS[kind]):
            assert value.rstrip(".") in full


def test_captions_say_what_the_numbers_stand_on():
    facts = {"who": "M1, sedated", "n": "4 scans", "example": "sub-01 ses-01 run-1", "note": "10 bins"}
    assert figures.caption("maps", **facts).endswith(" n: 4 scans.") and "Estimator" not in figures.caption(
        "maps", **facts
    )
    assert "n: 4 scans" not in figures.caption("regressors", **facts)
    assert figures.caption("regressors", **facts).endswith(" Example: sub-01 ses-01 run-1.")
    assert "Estimator: 10 bins. n: 4 scans." in figures.caption("information", **facts)
