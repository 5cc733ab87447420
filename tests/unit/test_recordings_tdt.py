"""TDT blocks: against neo where neo is right, and against the truth where it is not."""

from __future__ import annotations

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest
from test_recordings_formats import everything, opened

from lfpbold.errors import InputError
from lfpbold.study import settings

INPUT = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})["input"]
UV = files.samples()
FLOAT = 1e-4  # µV


pytestmark = pytest.mark.usefixtures("quiet_writers")


def test_tdt_agrees_with_neo_where_neo_is_right(tmp_path):
    """neo reads blocks whose samples all lie in the .tev; it calls their volts microvolts."""
    from neo.rawio import TdtRawIO

    block = rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 1e-6})
    theirs = TdtRawIO(str(next(block.glob("*.tsq"))))
    theirs.parse_header()
    ours = opened(block, trigger="Vol")
    assert ours.n_samples == theirs.get_signal_size(0, 0, 0)
    assert ours.fs_hz == pytest.approx(theirs.get_signal_sampling_rate(0), rel=1e-7)
    np.testing.assert_array_equal(
        everything(ours), theirs.get_analogsignal_chunk(0, 0, stream_index=0) * np.float32(1e6)
    )
    stamps, _, _ = theirs.get_event_timestamps(0, 0, 0)
    np.testing.assert_allclose(ours.triggers_s, stamps - theirs.get_signal_t_start(0, 0, 0), atol=1e-9)


def test_tdt_channels_in_files_of_their_own_without_time_stamps(tmp_path):
    """What neo returns is empty, at 1 Hz; such blocks are what TDT's present program writes."""
    from neo.rawio import TdtRawIO

    block = rigs.tdt_sev(tmp_path / "T" / "B", "LFP1", UV * 1e-6)
    theirs = TdtRawIO(str(next(block.glob("*.tsq"))))
    theirs.parse_header()
    assert (theirs.get_signal_size(0, 0, 0), theirs.get_signal_sampling_rate(0)) == (0, 1.0)
    ours = opened(block, trigger="Vol")
    assert (ours.n_samples, ours.fs_hz) == (4000, 24414.0625)
    np.testing.assert_allclose(everything(ours), UV, atol=FLOAT)
    np.testing.assert_allclose(ours.triggers_s, 0.25 + files.TRIGGERS_S, atol=1e-6)  # the samples begin with the block


def test_tdt_long_channels_lie_in_pieces_of_an_hour(tmp_path):
    block = rigs.tdt_sev(tmp_path / "T" / "B", "LFP1", UV * 1e-6, hours=12)  # hour 10 sorts before hour 2 by name
    lfp = opened(block)
    assert lfp.n_samples == 4000
    np.testing.assert_allclose(everything(lfp), UV, atol=FLOAT)
    np.testing.assert_allclose(lfp.read(1, 300, 3900), UV[300:3900, 1], atol=FLOAT)


def test_tdt_a_store_in_the_tev_is_not_taken_from_another_stores_file(tmp_path):
    """neo reads the only .sev file there is for every store."""
    block = rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 1e-6})
    rigs.tdt_sev(tmp_path / "other" / "B", "RAW1", -UV[:, :1] * 1e-6)
    for sev in (tmp_path / "other" / "B").glob("*.sev"):
        sev.rename(block / sev.name)
    with pytest.raises(InputError, match=r"several streams.*LFP1 \(1017.25 Hz\), RAW1 \(.sev\)"):
        opened(block)
    np.testing.assert_allclose(everything(opened(block, lfp_variable="LFP1")), UV[:3968], atol=FLOAT)
    np.testing.assert_allclose(everything(opened(block, lfp_variable="RAW1")), -UV[:, :1], atol=FLOAT)


def test_tdt_units(tmp_path):
    """Whole numbers have no unit; a store of microvolts in float cannot be volts."""
    counts = rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 10}, fmt=2)
    with pytest.raises(InputError, match="set lfp_scale to the microvolts of one step"):
        opened(counts)
    np.testing.assert_allclose(everything(opened(counts, lfp_scale=0.1)), UV[:3968], atol=0.1)
    np.testing.assert_allclose(everything(opened(counts, lfp_scale=1.0)), 10 * UV[:3968], atol=1)
    microvolts = rigs.tdt_tev(tmp_path / "U" / "B", {"LFP1": UV})
    with pytest.raises(InputError, match="set lfp_scale to 1e-6"):
        opened(microvolts)
    np.testing.assert_allclose(everything(opened(microvolts, lfp_scale=1e-6)), UV[:3968], rtol=1e-6)


def test_tdt_a_real_index_without_its_samples(shared_data):
    block = shared_data / "tdt_pmat_headers"
    with pytest.raises(InputError, match=r"several streams.*Fi1r \(6103.52 Hz\)"):
        opened(block)
    with pytest.raises(InputError, match=r"the samples of DelF are missing \(.*\.tev"):
        opened(block, lfp_variable="DelF")
