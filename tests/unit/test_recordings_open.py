"""A user opens a file with a path and keywords; a mistake in code is never taken for a damaged file."""

from __future__ import annotations

import inspect
from pathlib import Path

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest
import yaml
from spoilt_files import INPUT, UV, VOLUMES, saved

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.recordings import arrays, lfp, nifti
from lfpbold.recordings.opened import is_mistake_in_code
from lfpbold.timing.locate import locate_scan

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text(encoding="utf-8"))["input"]


pytestmark = pytest.mark.usefixtures("quiet_writers")


def defaults(function) -> dict:
    """Defaults of a function's keywords."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def test_defaults_are_those_of_the_config():
    """Every setting of `input` is an option of one of the two functions, or of `locate_scan`."""
    of_lfp, of_bold = defaults(recordings.open_lfp), defaults(recordings.open_bold)
    assert of_lfp.pop("channels") is None
    configured = {name if name == "trigger" else f"lfp_{name}": value for name, value in of_lfp.items()}
    configured |= {n if n in ("tr_s", "dummy_volumes") else f"bold_{n}": value for n, value in of_bold.items()}
    assert configured == {name: value for name, value in CONFIG.items() if name != "extra_triggers"}


def test_a_recording_is_opened_by_its_path_alone(tmp_path):
    opened = recordings.open_lfp(str(files.nwb(tmp_path / "a.nwb", UV)))
    assert opened.fs_hz == files.FS_HZ and opened.channels == list(files.NAMES)
    np.testing.assert_allclose(opened.triggers_s, files.TRIGGERS_S, atol=1e-6)
    np.testing.assert_allclose(opened.channel(1)[100:200], UV[100:200, 1], atol=1e-3)


@pytest.mark.parametrize(
    ("channels", "expected"), [(["A3", "A1"], [2, 0]), ("A2", [1]), ([2], [2]), (0, [0]), (("1", "A1"), [1, 0])]
)
def test_channels_are_named_or_counted(tmp_path, channels, expected):
    opened = recordings.open_lfp(files.edf(tmp_path / "a.edf", UV), channels=channels)
    assert opened.channels == [files.NAMES[i] for i in expected]
    np.testing.assert_allclose(opened.read(0, 0, 50), UV[:50, expected[0]], atol=0.05)


def test_no_triggers_are_looked_for_where_none_are_wanted(tmp_path):
    path = files.fif(tmp_path / "a_raw.fif", UV, trigger_line=True)
    assert recordings.open_lfp(path, trigger="TRIG").triggers_s.size == 3
    for written in (path, files.nwb(tmp_path / "a.nwb", UV), rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 1e-6}),
                    rigs.open_ephys(tmp_path / "o", UV)):  # fmt: skip
        assert recordings.open_lfp(written, trigger=None).triggers_s is None


def test_triggers_that_a_reader_gives_unasked_are_dropped(tmp_path, monkeypatch):
    """A marker without a name is none that somebody wanted."""
    given = recordings.Lfp(1000.0, 4000, ["a"], lambda *_: None, np.array([1.0, 2.0]))
    monkeypatch.setitem(lfp.READERS, ".npy", lambda *_: given)
    path = saved(np.save, tmp_path / "a.npy", UV)
    assert recordings.open_lfp(path, trigger=None).triggers_s is None
    assert recordings.open_lfp(path).triggers_s.size == 2


def test_what_an_array_does_not_hold_is_told_by_keywords(tmp_path):
    path = saved(np.savez, tmp_path / "a.npz", UV)
    opened = recordings.open_lfp(path, fs_hz=500.0, scale=2.0, time_axis="rows", variable="arr_0", stage="lfp")
    assert opened.fs_hz == 500.0
    np.testing.assert_allclose(opened.read(0, 0, 50), 2 * UV[:50, 0], rtol=1e-6)
    with pytest.raises(InputError, match=r"a\.npz: this format holds no sampling rate; set lfp_fs_hz"):
        recordings.open_lfp(path)


def test_a_series_is_opened_by_its_path_and_locates_its_scan(tmp_path):
    bold = recordings.open_bold(files.nifti(tmp_path / "b.nii", VOLUMES), dummy_volumes=2)
    assert bold.tr_s == 1.0 and bold.shape == (6, 5, 4) and bold.n_volumes == 18 and bold.affine.shape == (4, 4)
    opened = recordings.open_lfp(saved(np.save, tmp_path / "a.npy", np.tile(UV, (6, 1))), fs_hz=1000.0)
    clock = locate_scan(opened, bold, start_s=0.5, clock="nominal")
    assert clock.start_s == 2.5 and clock.n_volumes == 18 and clock.n_acquisitions == 4


def test_a_path_that_does_not_exist_is_told_without_a_sheet(tmp_path):
    for function in (recordings.open_lfp, recordings.open_bold):
        with pytest.raises(InputError, match=r"there is no file .*nowhere\.nii; correct the path"):
            function(tmp_path / "nowhere.nii")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"triger": "a"}, "triger"),
        ({"trigger": 5}, "trigger must be a name or None, not int"),
        ({"channels": [1.5]}, "channels must be names or indices"),
        ({"channels": 1.5}, "not iterable"),
    ],
)
def test_a_wrong_option_is_a_type_error(tmp_path, options, message):
    with pytest.raises(TypeError, match=message):
        recordings.open_lfp(files.edf(tmp_path / "a.edf", UV), **options)


def test_a_wrong_option_of_a_series_is_a_type_error(tmp_path):
    path = files.nifti(tmp_path / "b.nii", VOLUMES)
    with pytest.raises(TypeError, match="tr"):
        recordings.open_bold(path, tr=2.0)
    with pytest.raises(TypeError, match="float"):
        recordings.open_bold(path, dummy_volumes=1.5)
    with pytest.raises(InputError, match="stage is 'preprocessed'; choose one of raw, realigned, clean"):
        recordings.open_bold(path, stage="preprocessed")


@pytest.mark.parametrize("key", INPUT)
def test_settings_that_lack_one_are_a_type_error(tmp_path, key):
    """It was a KeyError within the reader once, and the file was called damaged."""
    settings = {name: value for name, value in INPUT.items() if name != key}
    if key in ("trigger", *(name for name in INPUT if name.startswith("lfp"))):
        with pytest.raises(TypeError, match=f"lack {key}"):
            recordings.open_configured_lfp(files.edf(tmp_path / "a.edf", UV), settings)
    elif key != "extra_triggers":
        with pytest.raises(TypeError, match=f"lack {key}"):
            recordings.open_configured_bold(files.nifti(tmp_path / "b.nii", VOLUMES), settings)


@pytest.mark.parametrize("arguments", [(0,), ("A1", 0, 10), (0, None, 10), (0, 0.0, 10)])
def test_a_wrong_call_of_an_opened_recording_is_a_type_error(tmp_path, arguments):
    opened = recordings.open_lfp(files.nwb(tmp_path / "a.nwb", UV))
    with pytest.raises(TypeError):
        opened.read(*arguments)


@pytest.mark.parametrize("position", [3, -1])
def test_a_channel_beyond_the_last_is_an_index_error(tmp_path, position):
    opened = recordings.open_lfp(files.nwb(tmp_path / "a.nwb", UV))
    with pytest.raises(IndexError, match=f"channel {position} of a recording of 3"):
        opened.read(position, 0, 10)


@pytest.mark.parametrize("arguments", [(0,), ("a", 2), (0, 2, 3)])
def test_a_wrong_call_of_an_opened_series_is_a_type_error(tmp_path, arguments):
    bold = recordings.open_bold(files.nifti(tmp_path / "b.nii", VOLUMES))
    with pytest.raises(TypeError):
        bold.read(*arguments)


def miscalled(path, options, where):
    return arrays.open_lfp_array(path, options)


def misspelt(path, options, where):
    return options.varaible


def of_a_module(path, options, where):
    return inspect.getdok(path)


def of_no_name(path, options, where):
    return undefined_name  # noqa: F821


MISTAKES = {miscalled: TypeError, misspelt: AttributeError, of_a_module: AttributeError, of_no_name: NameError}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_reader_is_no_damaged_file(tmp_path, monkeypatch, mistake):
    """As if it stood in the package: its file is where the function says that its code is."""
    package = Path(inspect.getfile(recordings)).parent
    code = mistake.__code__.replace(co_filename=str(package / "reader.py"))
    monkeypatch.setitem(lfp.READERS, ".npy", type(mistake)(code, mistake.__globals__))
    path = saved(np.save, tmp_path / "a.npy", UV)
    with pytest.raises(MISTAKES[mistake]):
        recordings.open_lfp(path)
    monkeypatch.setitem(lfp.READERS, ".npy", mistake)  # the same in a library, of which a damaged file may be the cause
    with pytest.raises(InputError, match=r"cannot be read as \.npy"):
        recordings.open_lfp(path)


def test_a_mistake_while_samples_are_read_is_no_damaged_file(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "side_by_side", lambda out, samples: None)
    opened = recordings.open_lfp(saved(np.save, tmp_path / "a.npy", UV), fs_hz=1000.0)
    with pytest.raises(TypeError, match="takes 2 positional arguments"):
        opened.fill_block(np.empty((3, 10), np.float32), [0, 1, 2], 0, 10)
    monkeypatch.setattr(nifti, "_affine", lambda image: None)
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        recordings.open_bold(files.nifti(tmp_path / "b.nii", VOLUMES))


def test_an_error_of_the_content_is_no_mistake_in_code():
    """Nor is one that nobody raised."""
    assert not is_mistake_in_code(TypeError("takes 2 positional arguments"))
    try:
        float({})
    except TypeError as error:
        assert not is_mistake_in_code(error)
