"""The public interface: its names, its signatures, and what it says to whoever calls it wrongly."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lfpbold as lb
from lfpbold.recordings import Bold, Lfp

PACKAGE = Path(lb.__file__).parent
STUB = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
FUNCTIONS = [name for name in lb.__all__ if inspect.isfunction(getattr(lb, name))]
# Arguments that hold data although they have a default, and SPM's own signature of its function.
POSITIONAL = {
    ("remove_gradient_artefact", "slice_times_s"),
    ("band_power", "bands"),
    ("convolve", "response"),
    ("jackknife", "statistic"),
    ("spm_hrf", "p"),
}


def in_fresh_interpreter(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_package_imports_neither_numpy_nor_scipy():
    code = "import sys, lfpbold; print({'numpy', 'scipy', 'ants'} & set(sys.modules), lfpbold.__version__)"
    assert in_fresh_interpreter(code) == f"set() {lb.__version__}"


def test_a_star_import_brings_every_name():
    code = "from lfpbold import *; import lfpbold as lb; print(set(lb.__all__) - set(globals()), fisher_z(0.0))"
    assert in_fresh_interpreter(code) == "set() 0.0"


def test_the_stub_imports_each_name_from_its_home():
    imported = {
        (alias.asname or alias.name, node.module)
        for node in STUB.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == set(lb._HOMES.items())
    (names,) = (node.value for node in STUB.body if isinstance(node, ast.Assign))
    assert sorted(ast.literal_eval(names)) == sorted(lb.__all__)
    assert "__version__: str" in ast.unparse(STUB)


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.parametrize("name", lb.__all__)
def test_every_name_is_there(name):
    assert getattr(lb, name) is not None and name in dir(lb)
    assert name not in lb._HOMES or getattr(lb, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'lfpbold' has no attribute 'temporal_R'"):
        _ = lb.temporal_R


@pytest.mark.parametrize("name", FUNCTIONS)
def test_options_are_keyword_only(name):
    parameters = inspect.signature(getattr(lb, name)).parameters.values()
    optional = {(name, p.name) for p in parameters if p.default is not p.empty and p.kind is not p.KEYWORD_ONLY}
    assert optional <= POSITIONAL


# A scan of 300 volumes and 40 voxels, one signal in all of them.
RNG = np.random.default_rng(0)
SIGNAL, WEIGHT = RNG.standard_normal(300), np.linspace(2, -2, 40)
BOLD = SIGNAL[:, None] * WEIGHT + RNG.standard_normal((300, 40))
SEED = WEIGHT > 1.5
X = np.column_stack([SIGNAL + RNG.standard_normal(300), RNG.standard_normal(300)])
TIME_COURSE, TIMES = BOLD[:, SEED].mean(axis=1), np.arange(300.0)
VOLUMES, BRAIN = RNG.normal(100, 1, (60, 3, 3, 3)), np.ones((3, 3, 3), dtype=bool)
SAMPLES = RNG.normal(0, 10, 20_000).astype(np.float32)
MOTION = np.cumsum(RNG.normal(0, 0.01, (60, 6)), axis=0)
PLAIN = {"tr_s": 2.0, "global_signal": False, "band_pass_hz": None, "fwhm_mm": 0}


def recording(samples=SAMPLES):
    return Lfp(1000.0, samples.size, ["A1"], lambda position, start, stop: samples[start:stop])


def series(n_volumes=10, tr_s=2.0):
    return Bold((3, 3, 3), n_volumes, np.eye(4), tr_s, None, lambda start, stop: VOLUMES[start:stop])


def clean(start_s=0.0, n_volumes=10, **options):
    clock = lb.Clock(start_s, 2.0, 2.0, n_volumes=n_volumes)
    return lb.clean_lfp(recording(), clock, lfp_stage="lfp", **options)


def power():
    return lb.band_power(clean(), {"gamma": (40, 100)})


def cleaned(volumes=VOLUMES, brain=BRAIN, **options):
    return lb.clean_bold(volumes, np.eye(4), brain, **PLAIN | options)


def null(n=9):
    return n, np.random.default_rng(1)


MISTAKES = {
    "option of open_lfp": lambda: lb.open_lfp("no.nwb", triger="a"),
    "option of open_bold": lambda: lb.open_bold("no.nii", tr=2.0),
    "option of locate_scan": lambda: lb.locate_scan(recording(), series(), start=0.0),
    "option of clean_lfp": lambda: clean(notch=60),
    "option of remove_gradient_artefact": lambda: lb.remove_gradient_artefact(SAMPLES, 1e3, [0, 1, 2], windows=3),
    "option of band_power": lambda: lb.band_power(clean(), window=2.0),
    "option of convolve": lambda: lb.convolve(power(), delay=4),
    "option of clean_bold": lambda: cleaned(fwhm=1.0),
    "option of mediation": lambda: lb.mediation(BOLD, SEED, X[:, 0], *null(), excludes=SEED),
    "a clock without volumes": lambda: clean(n_volumes=None),
    "an array for a recording's power": lambda: lb.convolve(X, [1.0]),
    "an array for a recording": lambda: lb.band_power(SAMPLES, {"gamma": (40, 100)}),
    "a list of bands": lambda: lb.band_power(clean(), [(40, 100)]),
    "a response and its parameters": lambda: lb.convolve(power(), [1.0], p=(6, 16, 1, 1, 6, 0, 32)),
    "positions as seed": lambda: lb.seed_map(BOLD, np.flatnonzero(SEED)),
    "zeros and ones as seed": lambda: lb.seed_map(BOLD, SEED.astype(int)),
    "positions as seed of spatial_p": lambda: lb.spatial_p(BOLD, np.flatnonzero(SEED), X, *null()),
    "positions as seed of mediation": lambda: lb.mediation(BOLD, SEED.astype(int), X[:, 0], *null()),
    "positions to exclude": lambda: lb.spatial_p(BOLD, SEED, X, *null(), exclude=[0]),
    "two regressors for one": lambda: lb.mediation(BOLD, SEED, X, *null()),
    "a column as seed": lambda: lb.temporal_r(X, TIME_COURSE[:, None]),
    "a column as seed of temporal_p": lambda: lb.temporal_p(X, TIME_COURSE[:, None], *null()),
    "regressors in three dimensions": lambda: lb.temporal_r(X[:, :, None], TIME_COURSE),
    "other voxels": lambda: lb.spatial_r(BOLD[0], BOLD[1, :-1]),
    "maps as volumes": lambda: lb.spatial_r(BOLD[0].reshape(5, 4, 2), BOLD[1].reshape(5, 4, 2)),
    "columns for coherence": lambda: lb.coherence(TIME_COURSE[:, None], X[:, :1], 1.0),
    "columns for effective_n": lambda: lb.effective_n(X[:, :1], X[:, :1]),
    "many for commonality": lambda: lb.commonality(X, BOLD),
    "one regressor for commonality": lambda: lb.commonality(X[:, 0], TIME_COURSE),
    "a series for regress_out": lambda: lb.regress_out(TIME_COURSE, X),
    "one volume for realign": lambda: lb.realign(VOLUMES[0], np.eye(4)),
    "motion on its side": lambda: lb.framewise_displacement(MOTION.T),
    "seven motion parameters": lambda: lb.framewise_displacement(np.column_stack([MOTION, MOTION[:, 0]])),
    "eight HRF parameters": lambda: lb.spm_hrf(1.0, (6, 16, 1, 1, 6, 0, 32, 1)),
    "motion of twice the volumes": lambda: cleaned(motion=np.vstack([MOTION, MOTION])),
    "positions to keep": lambda: cleaned(keep=np.arange(50)),
    "fewer volumes to keep": lambda: cleaned(keep=np.ones(50, dtype=bool)),
    "a mask of another shape": lambda: cleaned(white_matter=BRAIN[:2]),
    "a table for sign_flip": lambda: lb.sign_flip([[0.4, 0.3], [0.1, 0.2]]),
    "labels that are not given": lambda: lb.seed_voxels({"seed_label": [3]}, BRAIN),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_a_program_is_a_type_error(what):
    with pytest.raises(TypeError) as error:
        MISTAKES[what]()
    assert "damaged" not in str(error.value) and "cannot be read" not in str(error.value)


with_nan = np.where(TIMES == 3, np.nan, X[:, 0])
INPUTS = {
    "empty seed": (lambda: lb.seed_map(BOLD, np.zeros(40, dtype=bool)), "marks 0 of 40 voxels"),
    "seed of another brain": (lambda: lb.seed_map(BOLD, SEED[:-1]), "of 39 voxels and the BOLD has 40"),
    "a site's key misspelt": (lambda: lb.seed_voxels({"seed_lable": [3]}, BRAIN, labels=BRAIN), "names no seed"),
    "other volumes in time": (lambda: lb.temporal_r(X[:-1], TIME_COURSE), "299 volumes and the BOLD 300"),
    "other volumes in space": (lambda: lb.spatial_p(BOLD, SEED, X[:-1], *null()), "299 volumes and the BOLD 300"),
    "other volumes, coherence": (lambda: lb.coherence(TIME_COURSE, X[:-1, 0], 1.0), "300 and 299 volumes"),
    "other volumes, information": (lambda: lb.mutual_information(X, TIME_COURSE[:-1]), "300 and 299 samples"),
    "other volumes, effective_n": (lambda: lb.effective_n(TIME_COURSE, X[:100, 0]), "300 and 100 volumes"),
    "other volumes, remove_lfp": (lambda: lb.remove_lfp(BOLD, X[:-1], "all_joint"), "299 volumes and the BOLD 300"),
    "other volumes, regress_out": (lambda: lb.regress_out(BOLD, X[:-1]), "299 volumes and the series 300"),
    "one volume": (lambda: lb.effective_n([1.0], [2.0]), "1 and 1 volumes"),
    "no bins": (lambda: lb.mutual_information(X, TIME_COURSE, bins=0), "give two or more"),
    "times of other power": (lambda: lb.lagged_r(X, TIMES[:-1], TIME_COURSE, TIMES, [0.0]), "one time for each"),
    "times that descend": (lambda: lb.lagged_r(X, TIMES[::-1], TIME_COURSE, TIMES, [0.0]), "ascending"),
    "a band above Nyquist": (lambda: lb.coherence(X[:, 0], X[:, 1], 1.0, band_hz=(0.3, 0.9)), "does not sample"),
    "TR in milliseconds": (lambda: lb.coherence(X[:, 0], X[:, 1], 1000.0), "does not sample"),
    "a filter's padding": (lambda: lb.band_pass(BOLD, 1.0, (0.01, 0.1), padding="evne"), "choose one of odd, even"),
    "a filter's order": (lambda: lb.band_pass(BOLD, 1.0, (0.01, 0.1), order=0), "order of 1 or more"),
    "a band on its head": (lambda: lb.band_pass(BOLD, 1.0, (0.1, 0.01)), "edges that ascend"),
    "a regressor with NaN": (lambda: lb.regress_out(BOLD, with_nan[:, None]), "holds NaN"),
    "a constant regressor": (lambda: lb.remove_lfp(BOLD, np.ones((300, 1)), "all_unique"), "is constant"),
    "a reference of realign": (lambda: lb.realign(VOLUMES, np.eye(4), reference="last"), "first, middle, mean"),
    "no volume": (lambda: lb.realign(VOLUMES[:0], np.eye(4)), "no volume"),
    "matrices of more volumes": (
        lambda: lb.resample(VOLUMES[:1], np.eye(4), [np.eye(4)] * 2, (3, 3, 3), np.eye(4)),
        "2 matrices for 1 volumes",
    ),
    "an interval of 0": (lambda: lb.spm_hrf(0.0), "sampling interval"),
    "a filter misspelt": (lambda: cleaned(filtering="buterworth"), "did you mean `butterworth`"),
    "a trend misspelt": (lambda: cleaned(detrend="lineer"), "did you mean `linear`"),
    "negative smoothing": (lambda: cleaned(fwhm_mm=-1.0), "bold.fwhm_mm"),
    "motion with NaN": (lambda: cleaned(motion=np.where(np.arange(60)[:, None] == 3, np.nan, MOTION)), "hold NaN"),
    "a map of probabilities": (lambda: cleaned(brain=np.linspace(0, 1, 27).reshape(3, 3, 3)), "threshold it"),
    "a label image": (lambda: cleaned(white_matter=np.arange(27).reshape(3, 3, 3)), "threshold it"),
    "TR of 0": (lambda: cleaned(tr_s=0.0), "tr_s is 0"),
    "channels misspelt": (lambda: lb.band_power(clean(), channels="mean"), "power.channels"),
    "taper misspelt": (lambda: lb.band_power(clean(), taper="haming"), "did you mean `hamming`"),
    "no band": (lambda: lb.band_power(clean(), {}), "bands"),
    "band pass misspelt": (lambda: lb.convolve(power(), band_pass="regresor"), "did you mean `regressor`"),
    "response with NaN": (lambda: lb.convolve(power(), [0.5, np.nan]), "holds NaN"),
    "a shorter series": (lambda: lb.convolve(power(), at=series(9)), "`at` has 9"),
    "another TR": (lambda: lb.convolve(power(), at=series(tr_s=2.1)), "every 2.1 s"),
    "a clock that ends after the recording": (lambda: clean(n_volumes=11), "do not lie in this recording"),
    "a clock that starts after the recording": (lambda: clean(100.0), "do not lie in this recording"),
    "a clock that starts before the recording": (lambda: clean(-10.0), "do not lie in this recording"),
    "a start that is no number": (
        lambda: lb.locate_scan(recording(), series(), start_s=np.nan, lfp_stage="lfp"),
        "start_s is nan",
    ),
    "a rate in kHz": (lambda: lb.remove_gradient_artefact(SAMPLES, 1.0, 0.1 * np.arange(50)), "rate in Hz"),
    "hidden samples": (
        lambda: lb.remove_gradient_artefact(np.ma.masked_greater(SAMPLES, 20), 1000.0, 0.1 * np.arange(50)),
        "hides values",
    ),
    "no volume in a window": (lambda: clean(average="sliding", window_volumes=0), "window_volumes is 0"),
    "a fraction of a component": (lambda: clean(components=1.5), "components is 1.5"),
    "fewer than no knots": (lambda: clean(between_samples=-2), "0 or more knots"),
    "Fisher's z for r": (lambda: lb.mean_r([1.5, 0.5], ["a", "b"]), "within −1…1"),
    "animals of other scans": (lambda: lb.mean_r([0.5, 0.2], ["a", "b", "c"]), "one animal per value"),
    "an animal without a name": (lambda: lb.mean_r([0.5, 0.2], [1.0, np.nan]), "one animal per value"),
    "a confidence in percent": (lambda: lb.jackknife([0.5, 0.2], ["a", "b"], confidence=95), "between 0 and 1"),
    "a clock without a start": (lambda: clean(np.nan), "do not lie in this recording"),
}


@pytest.mark.parametrize("what", INPUTS)
def test_what_would_give_a_wrong_number_is_refused(what):
    call, message = INPUTS[what]
    with pytest.raises(lb.InputError, match=message):
        call()


LAYOUTS = {
    "lists": lambda array: array.tolist(),
    "columns first": np.asfortranarray,
    "strided": lambda array: np.repeat(array, 2, axis=0)[::2],
    "other bytes": lambda array: array.astype(array.dtype.newbyteorder()),
}


def arrays():
    """Each function of arrays, to a number or an array, by the way its arrays are given."""
    return {
        "temporal_r": lambda give: lb.temporal_r(give(X), give(TIME_COURSE)),
        "temporal_p": lambda give: lb.temporal_p(give(X), give(TIME_COURSE), *null())["p_phase"],
        "effective_n": lambda give: lb.effective_n(give(TIME_COURSE), give(X[:, 0])),
        "lagged_r": lambda give: lb.lagged_r(give(X), give(TIMES), give(TIME_COURSE), give(TIMES), [0.0, 2.0]),
        "coherence": lambda give: lb.coherence(give(TIME_COURSE), give(X[:, 0]), 1.0)["mean"],
        "mutual_information": lambda give: lb.mutual_information(give(X), give(TIME_COURSE)),
        "commonality": lambda give: lb.commonality(give(X), give(TIME_COURSE))["part"],
        "seed_map": lambda give: lb.seed_map(give(BOLD), give(SEED)),
        "lfp_map": lambda give: lb.lfp_map(give(BOLD), give(X)),
        "spatial_r": lambda give: lb.spatial_r(give(BOLD[:3]), give(BOLD[4])),
        "spatial_p": lambda give: lb.spatial_p(give(BOLD), give(SEED), give(X), *null(), exclude=give(SEED))["null"],
        "mediation": lambda give: lb.mediation(give(BOLD), give(SEED), give(X[:, 0]), *null())["spatial_r"]["null"],
        "remove_lfp": lambda give: lb.remove_lfp(give(BOLD), give(X), "all_unique"),
        "regress_out": lambda give: lb.regress_out(give(BOLD), give(X)),
        "band_pass": lambda give: lb.band_pass(give(BOLD), 1.0, (0.01, 0.1)),
        "framewise_displacement": lambda give: lb.framewise_displacement(give(MOTION)),
        "clean_bold": lambda give: cleaned(give(VOLUMES), give(BRAIN), motion=give(MOTION)).voxels,
        "seed_voxels": lambda give: lb.seed_voxels({"seed_mm": [1, 1, 1]}, give(BRAIN), affine=give(np.eye(4))),
        "realign": lambda give: lb.realign(give(VOLUMES[[0, 0]]), give(np.eye(4))).parameters,
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", arrays())
def test_the_layout_of_an_array_does_not_matter(name, layout):
    call = arrays()[name]
    np.testing.assert_allclose(call(LAYOUTS[layout]), call(np.asarray), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", arrays())
def test_a_memory_map_and_single_precision_do(name, tmp_path):
    numbers = iter(range(100))

    def mapped(array):
        path = tmp_path / f"{next(numbers)}.npy"
        np.save(path, array.astype(np.float32) if array.dtype == float else array)
        return np.load(path, mmap_mode="r")

    call = arrays()[name]
    np.testing.assert_allclose(call(mapped), call(np.asarray), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["seed_map", "lfp_map", "band_pass", "remove_lfp", "regress_out"])
def test_a_voxel_with_nan_spoils_itself_alone(name):
    spoilt = BOLD.copy()
    spoilt[5, 20] = np.nan
    call = arrays()[name]
    values, expected = (np.atleast_2d(call(lambda x, bold=bold: bold if x is BOLD else x)) for bold in (spoilt, BOLD))
    assert np.isnan(values[..., 20]).all()
    np.testing.assert_allclose(np.delete(values, 20, axis=1), np.delete(expected, 20, axis=1), atol=1e-9)


def test_nan_in_a_series_is_no_number():
    assert np.isnan(lb.effective_n(with_nan, TIME_COURSE))
    assert np.isnan(lb.temporal_r(with_nan, TIME_COURSE)).all()


def test_what_a_masked_array_hides_stays_hidden():
    masked = np.ma.masked_array(X.copy(), mask=np.zeros(X.shape, dtype=bool))
    masked[3, 0] = 1e6
    masked[3, 0] = np.ma.masked
    expected = [np.nan, lb.temporal_r(X, TIME_COURSE)[1]]
    np.testing.assert_allclose(lb.temporal_r(masked, TIME_COURSE), expected)
    hidden = np.ma.masked_array(BOLD, mask=np.arange(40)[None, :] + 0 * BOLD == 20)
    assert np.isnan(lb.seed_map(hidden, SEED)[20])
    np.testing.assert_allclose(
        lb.spatial_r(hidden[0], BOLD[1]), lb.spatial_r(np.delete(BOLD[0], 20), np.delete(BOLD[1], 20))
    )


def test_one_channel_and_one_regressor_need_no_second_dimension():
    np.testing.assert_array_equal(
        lb.remove_lfp(BOLD, X[:, 0], "all_unique"), lb.remove_lfp(BOLD, X[:, :1], "all_unique")
    )
    np.testing.assert_array_equal(lb.lfp_map(BOLD, X[:, 0]), lb.lfp_map(BOLD, X[:, :1]))
    onsets = 0.2 + 0.1003 * np.arange(50)
    one = lb.remove_gradient_artefact(SAMPLES, 1000.0, onsets, template="none")
    np.testing.assert_array_equal(
        one, lb.remove_gradient_artefact(SAMPLES[:, None], 1000.0, onsets, template="none")[:, 0]
    )


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_are_text_or_paths(tmp_path, kind):
    np.save(tmp_path / "rat.npy", np.column_stack([SAMPLES, 2 * SAMPLES]))
    np.save(tmp_path / "bold.npy", BOLD)
    lfp = lb.open_lfp(kind(tmp_path / "rat.npy"), fs_hz=1000.0)
    bold = lb.open_bold(kind(tmp_path / "bold.npy"), tr_s=2.0, stage="clean")
    assert (lfp.n_samples, bold.n_volumes) == (20_000, 300)
    np.testing.assert_array_equal(lfp.read(1, 0, 20_000), 2 * SAMPLES)
