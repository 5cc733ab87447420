"""What can be wrong with the folders and files of TDT, Blackrock, Neuralynx and Open Ephys, and what is said of it."""

from __future__ import annotations

import files_of_rigs as rigs
import numpy as np
import pytest
from spoilt_files import UV, cut, is_a_sentence, read_all

from lfpbold.errors import InputError

pytestmark = pytest.mark.usefixtures("quiet_writers")


def tdt_paused(d):
    return rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}, pause_s=2.0), {}


def tdt_odd_rate(d):
    return rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}, rate=1000.7), {}


def tdt_rate_of_one(d):
    return _index_with(rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), "f8", 1.0), {}


def tdt_rate_contradicts_stamps(d):
    return _index_with(rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), "f8", 25e6 / 12288), {}


def _index_with(block, field, value):
    path = next(block.glob("*.tsq"))
    index = np.fromfile(path, rigs.TSQ)
    index[field][index["f2"] == b"LFP1"] = value
    index.tofile(path)
    return block


def tdt_without_samples(d):
    block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
    next(block.glob("*.tev")).unlink()
    return block, {}


def tdt_without_index(d):
    block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
    path = next(block.glob("*.tsq"))
    path.unlink()
    return next(block.glob("*.tev")), {}


def tdt_index_cut(d):
    block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
    cut(next(block.glob("*.tsq")))
    return block, {}


def tdt_index_of_text(d):
    block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
    next(block.glob("*.tsq")).write_bytes(b"x" * 400)
    return block, {}


def tdt_lost_packets(d):
    block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
    path = next(block.glob("*.tsq"))
    index = np.fromfile(path, rigs.TSQ)
    index[np.flatnonzero((index["f2"] != b"LFP1") | (index["f3"] != 2) | (np.arange(len(index)) < 40))].tofile(path)
    return block, {}


def tdt_tank(d):
    rigs.tdt_tev(d / "T" / "B1", {"LFP1": UV * 1e-6})
    rigs.tdt_tev(d / "T" / "B2", {"LFP1": UV * 1e-6})
    return d / "T", {}


def tdt_another_stream(d):
    return rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), {"lfp_variable": "Wav1"}


def tdt_files_of_channels_missing(d):
    return rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}, kinds={"LFP1": 0x8111}), {}


def tdt_stream_without_channels(d):
    return rigs.tdt_tev(d / "T" / "B", {"LFP1": UV[:0] * 1e-6}), {}


def sev_one_channel_shorter(d):
    block = rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6)
    path = sorted(block.glob("*_Ch2.sev"))[0]
    data = bytearray(path.read_bytes()[:-400])
    data[:8] = np.uint64(len(data)).tobytes()
    path.write_bytes(bytes(data))
    return block, {}


def sev_lost_packets(d):
    block = rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6)
    (block / "LFP1_log.txt").write_text(
        "recording started at sample: 1\ngap detected. last saved sample: 5, new saved sample: 90\n", encoding="utf-8"
    )
    return block, {}


def sev_head_alone(d):
    block = rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6)
    for path in block.glob("*.sev"):
        data = bytearray(path.read_bytes()[:40])
        data[:8] = np.uint64(40).tobytes()
        path.write_bytes(bytes(data))
    return block, {}


def blackrock_paused(d):
    return rigs.blackrock(d / "a.ns2", UV, pause=True), {}


def neuralynx_gap(d):
    return rigs.neuralynx(d / "n", UV, gap=True), {}


def neuralynx_a_record_less(d):
    folder = rigs.neuralynx(d / "n", UV)
    data = (folder / "A2.ncs").read_bytes()
    (folder / "A2.ncs").write_bytes(data[:-1044])
    return folder, {}


def openephys_lost_samples(d):
    folder = rigs.open_ephys(d / "o", UV)
    path = next(folder.rglob("continuous/*/sample_numbers.npy"))
    numbers = np.load(path)
    numbers[3000:] += 30
    np.save(path, numbers)
    return folder, {}


def openephys_several(d):
    return rigs.open_ephys(d / "o", UV, recordings=2), {}


def openephys_broken_listing(d):
    folder = rigs.open_ephys(d / "o", UV)
    next(folder.rglob("structure.oebin")).write_text("{", encoding="utf-8")
    return folder, {}


CASES = [
    (tdt_paused, "LFP1 has a gap 0.377 s after its start"),
    (tdt_odd_rate, "which no TDT processor has"),
    (tdt_rate_of_one, "its time stamps pass at"),
    (tdt_rate_contradicts_stamps, "the index states 2034.51 Hz for LFP1, but its time stamps pass at 1017.25 Hz"),
    (tdt_without_samples, "the samples of LFP1 are missing"),
    (tdt_without_index, "holds no index (.tsq)"),
    (tdt_index_cut, "its index T_B.tsq is empty or cut short"),
    (tdt_index_of_text, "is not the index of a TDT block"),
    (tdt_lost_packets, "channel 2 of LFP1 has"),
    (tdt_tank, "is a tank; name one of its blocks (B1, B2)"),
    (tdt_another_stream, "it has LFP1 (1017.25 Hz)"),
    (tdt_files_of_channels_missing, "recorded into .sev files, which are missing"),
    (tdt_stream_without_channels, "holds no stream of samples"),
    (sev_one_channel_shorter, "3900 to 4000 samples"),
    (sev_lost_packets, "gap detected"),
    (sev_head_alone, "holds no samples"),
    (blackrock_paused, "several recordings, or one with gaps"),
    (neuralynx_gap, "n: A1.ncs has a gap 1.536 s after its start (3 s)"),
    (neuralynx_a_record_less, "A2.ncs holds 7 records, A1.ncs 8"),
    (openephys_lost_samples, "has gaps, 30 samples were lost"),
    (openephys_several, "several recordings, or one with gaps"),
    (openephys_broken_listing, "cannot be read"),
]


@pytest.mark.parametrize(("write", "culprit"), CASES, ids=[c[0].__name__ for c in CASES])
def test_what_is_wrong_is_said(tmp_path, write, culprit):
    path, changes = write(tmp_path)
    with pytest.raises(InputError) as error:
        read_all(path, **changes)
    assert culprit in is_a_sentence(error, path)
