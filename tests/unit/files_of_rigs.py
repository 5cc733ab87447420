"""Small recordings of amplifiers whose formats no library writes: TDT, Blackrock, Neuralynx, Open Ephys.

Written byte by byte after the formats' specifications (TDT: after a real index, see `shared/data/tdt_pmat_headers`).
Each function writes samples in µV, shape (n_samples, n_channels), and knows nothing of the package under test.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from files_of_formats import FS_HZ, NAMES, TRIGGERS_S

# ---- TDT: no library writes it -------------------------------------------------------------------------------------

TSQ = np.dtype("<i4,<u4,S4,<u2,<u2,<f8,<i8,<i4,<f4")
T0 = 1.7e9  # a time of day, s
RATE_TDT = 25e6 / 24576  # 1017.25… Hz
PACKET = 128


def _row(kind, name, channel, time_s, offset, size=10, number=0, rate=0.0):
    return (size, kind, name, channel, 0, time_s, offset, number, rate)


def _mark(number, time_s):
    return _row(0x8801, bytes([number]), 0, time_s, 0, size=20)


def _epocs(name=b"Vol/"):
    bits = np.arange(1.0, 4.0).view(np.int64)
    return [_row(0x0101, name, 0, T0 + 0.25 + t, int(b), number=4) for t, b in zip(TRIGGERS_S, bits, strict=True)]


def tdt_tev(folder: Path, stores: dict, *, pause_s=0.0, kinds=None, rate=RATE_TDT, fmt=0) -> Path:
    """`stores`: name → samples in the store's own unit; the streams begin 0.25 s after the block."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{folder.parent.name}_{folder.name}"
    dtype = ("<f4", "<i4", "<i2")[fmt]
    rows, data = [], bytearray(80)
    for name, values in stores.items():
        for packet in range(len(values) // PACKET):
            late = pause_s if packet >= 4 else 0.0
            for channel in range(values.shape[1]):
                part = values[packet * PACKET : (packet + 1) * PACKET, channel].astype(dtype).tobytes()
                stamp = T0 + 0.25 + packet * PACKET / rate + late
                kind = (kinds or {}).get(name, 0x8101)
                rows.append(_row(kind, name.encode(), channel + 1, stamp, len(data), 10 + len(part) // 4, fmt, rate))
                data += part
    stem.with_suffix(".tev").write_bytes(bytes(data))
    _index(stem, sorted([*rows, *_epocs()], key=lambda r: r[5]))
    listed = {n: (v.shape[1], kinds.get(n, 0x8101) if kinds else 0x8101) for n, v in stores.items()}
    _listing(stem, listed, rate, fmt)
    return folder


def _index(stem: Path, rows: list) -> None:
    total = _row(0, b"", 0, 0.0, 0, size=(len(rows) + 3) * TSQ.itemsize)
    np.array([total, _mark(1, T0), *rows, _mark(2, T0 + 60)], TSQ).tofile(stem.with_suffix(".tsq"))


def _listing(stem: Path, stores: dict, rate, fmt) -> None:
    """The files that TDT's own programs want beside the index; neo wants them too."""
    items = []
    for name, (n_channels, kind) in [*stores.items(), ("Vol/", (0, 257))]:
        stream = kind != 257
        fields = {
            "StoreName": ("T", name),
            "HeadName": ("T", name),
            "Enabled": ("L", 1),
            "CircType": ("L", 5),
            "NumChan": ("L", n_channels),
            "StrobeMode": ("L", 0),
            "TankEvType": ("L", kind),
            "NumPoints": ("L", PACKET if stream else 0),
            "DataFormat": ("L", fmt if stream else 4),
            "SampleFreq": ("L", rate if stream else 0),
        }
        items.append("".join(f"NAME={k};TYPE={t};VALUE={v};\r\n" for k, (t, v) in fields.items()))
    head = "Tank_Information\r\n[USERNOTEDELIMITER]"
    stem.with_suffix(".Tbk").write_text("[STOREHDRITEM]".join(items) + "[STOREHDRITEM]" + head, encoding="latin-1")
    stem.with_suffix(".Tdx").write_bytes(b"")


def tdt_sev(folder: Path, name: str, values, *, indexed=False, hours=1, rate=25e6 / 1024, version=3) -> Path:
    """One file a channel; `indexed`: with time stamps in the index as old programs wrote them; `hours`: pieces."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{folder.parent.name}_{folder.name}"
    code = round(25e6 / rate / 1024)
    for channel in range(values.shape[1]):
        for hour, piece in enumerate(np.array_split(values[:, channel].astype("<f4"), hours)):
            header = np.zeros(1, "<u8,S3,u1,S4,<u2,<u2,<u2,<u2,u1,u1,<u2,V12")
            about = (channel + 1, values.shape[1], 4, 0, 0, code, 2, b"")
            header[0] = (40 + piece.nbytes, b"SEV", version, name.encode(), *about)
            part = f"-{hour}h" if hours > 1 else ""
            path = folder / f"{stem.name}_{name}_Ch{channel + 1}{part}.sev"
            path.write_bytes(header.tobytes() + piece.tobytes())
    rows = []
    for packet in range(len(values) // PACKET if indexed else 0):
        for channel in range(values.shape[1]):
            stamp, offset = T0 + 0.25 + packet * PACKET / rate, 40 + packet * PACKET * 4
            rows.append(_row(0x8111, name.encode(), channel + 1, stamp, offset, 10 + PACKET, 0, rate))
    stem.with_suffix(".tev").write_bytes(bytes(80))
    _index(stem, sorted([*rows, *_epocs()], key=lambda r: r[5]))
    _listing(stem, {name: (values.shape[1], 0x8111)}, rate, 0)
    return folder


# ---- Blackrock, Neuralynx, Open Ephys: by their specifications -----------------------------------------------------


def blackrock(path: Path, uv, pause=False, events=True, start_s=0.0, rest=0) -> Path:
    """File specification 2.2, int16 of 0.25 µV; `pause`: two blocks of data; `events`: a .nev file beside it.

    `start_s`: of the first sample on the clock of both files; `rest`: value of the digital input between triggers.
    """
    n_channels = uv.shape[1]
    basic = np.zeros(1, "S8,u1,u1,<u4,S16,S256,<u4,<u4,8<u2,<u4")
    size = basic.itemsize + 66 * n_channels
    basic[0] = (b"NEURALCD", 2, 2, size, b"1 kS/s", b"", 30, 30000, (2024, 1, 1, 1, 12, 0, 0, 0), n_channels)
    extended = np.zeros(n_channels, "S2,<u2,S16,u1,u1,<i2,<i2,<i2,<i2,S16,<u4,<u4,<u2,<u4,<u4,<u2")
    for c in range(n_channels):
        extended[c] = (b"CC", c + 1, NAMES[c].encode(), 1, c, -32000, 32000, -8000, 8000, b"uV", 0, 0, 0, 0, 0, 0)
    counts = np.round(uv * 4).astype("<i2")
    half = len(uv) // 2
    first = round(start_s * 30000)
    blocks = [(0, counts[:half]), (len(uv) * 60, counts[half:])] if pause else [(first, counts)]
    body = b""
    for stamp, block in blocks:
        head = np.zeros(1, "u1,<u4,<u4")
        head[0] = (1, stamp, len(block))
        body += head.tobytes() + block.tobytes()
    path.write_bytes(basic.tobytes() + extended.tobytes() + body)
    if events:
        _blackrock_events(path.with_suffix(".nev"), start_s, rest)
    return path


def _blackrock_events(path: Path, start_s: float, rest: int) -> None:
    """The lowest bit of the digital input changes at each trigger, and back a moment later."""
    packets = np.zeros(2 * len(TRIGGERS_S), "<u4,<u2,u1,u1,<u2,94V")
    for number, t in enumerate(np.sort(np.concatenate([TRIGGERS_S, TRIGGERS_S + 0.02]))):
        packets[number] = (round((start_s + t) * 30000), 0, 1, 0, rest ^ ((number + 1) % 2), b"")
    head = np.zeros(1, "S8,u1,u1,<u2,<u4,<u4,<u4,<u4,8<u2,S32,S256,<u4")
    day = (2024, 1, 1, 1, 12, 0, 0, 0)
    head[0] = (b"NEURALEV", 2, 2, 1, head.itemsize + 32, packets.itemsize, 30000, 30000, day, b"rig", b"", 1)
    array = b"ARRAYNME" + b"probe".ljust(24, b"\0")
    path.write_bytes(head.tobytes() + array + packets.tobytes())


def neuralynx(folder: Path, uv, gap=False, early=(), by_us=1) -> Path:
    """A .ncs file a channel, int16 of 0.1 µV, and the triggers in Events.nev; `early`: stamped too soon."""
    folder.mkdir(parents=True, exist_ok=True)
    first = 5_000_000  # µs
    for c in range(uv.shape[1]):
        text = (
            "######## Neuralynx Data File Header\r\n-FileType NCS\r\n-FileVersion 3.4\r\n-RecordSize 1044\r\n"
            "-OriginalFileName \"C:\\1.ncs\"\r\n-TimeCreated 2024/01/01 12:00:00\r\n-TimeClosed 2024/01/01 12:01:00\r\n"
            f"-ApplicationName Cheetah \"6.3.2\"\r\n-AcqEntName {NAMES[c]}\r\n-ADChannel {c}\r\n-NumADChannels 1\r\n"
            f"-SamplingFrequency {FS_HZ:g}\r\n-ADMaxValue 32767\r\n-ADBitVolts 0.0000001\r\n-InputRange 3277\r\n"
            "-InputInverted False\r\n-HardwareSubSystemType DigitalLynxSX\r\n-DspDelayCompensation Disabled\r\n"
            "-DspFilterDelay_us 0\r\n"
        )  # fmt: skip
        counts = np.round(uv[:, c] * 10).astype("<i2")
        n = -(-counts.size // 512)
        records = np.zeros(n, "<u8,<u4,<u4,<u4,512<i2")
        for r in range(n):
            part = counts[512 * r : 512 * (r + 1)]
            late = 3_000_000 if gap and r >= 3 else 0
            late -= by_us * (r in early)
            records[r] = (first + round(512 * r / FS_HZ * 1e6) + late, c, int(FS_HZ), part.size, np.resize(part, 512))
        (folder / f"{NAMES[c]}.ncs").write_bytes(text.encode("latin-1").ljust(16384, b"\0") + records.tobytes())
    events = np.zeros(len(TRIGGERS_S), "<i2,<i2,<i2,<u8,<i2,<i2,<i2,<i2,<i2,8<i4,S128")
    for row, t in zip(events, TRIGGERS_S, strict=True):
        row["f3"], row["f4"], row["f5"], row["f10"] = first + round(t * 1e6), 11, 1, b"scanner_trigger"
    head = (
        "######## Neuralynx Data File Header\r\n-FileType Event\r\n-RecordSize 184\r\n"
        '-TimeCreated 2024/01/01 12:00:00\r\n-ApplicationName Cheetah "6.3.2"\r\n'
    )
    (folder / "Events.nev").write_bytes(head.encode("latin-1").ljust(16384, b"\0") + events.tobytes())
    return folder


def open_ephys(folder: Path, uv, recordings=1, adc=False, unit="uV", synchronised_s=None, active_low=False) -> Path:
    """The binary format of version 0.6: int16 of 0.1 µV, triggers on TTL line 1; `adc`: and on an analogue input.

    `synchronised_s`: time stamps begin there, as those of a stream that is synchronised with another do.
    """
    for number in range(1, recordings + 1):
        recording = folder / "Record Node 101" / "experiment1" / f"recording{number}"
        stream, ttl = recording / "continuous" / "Rig-100.0", recording / "events" / "Rig-100.0" / "TTL"
        stream.mkdir(parents=True)
        ttl.mkdir(parents=True)
        n, start = len(uv), 7000
        line = np.zeros((n, 1))
        for onset in np.round(TRIGGERS_S * FS_HZ).astype(int):
            line[onset : onset + 20] = 3.3
        counts = np.hstack([uv * 10, line / 1e-3]) if adc else uv * 10
        np.round(counts).astype("<i2").tofile(stream / "continuous.dat")
        np.save(stream / "sample_numbers.npy", np.arange(start, start + n))
        zero_s = 0.0 if synchronised_s is None else synchronised_s - start / FS_HZ
        np.save(stream / "timestamps.npy", zero_s + np.arange(start, start + n) / FS_HZ)
        rises = np.round(TRIGGERS_S * FS_HZ).astype(int) + start
        edges = np.sort(np.concatenate([rises, rises + 20]))
        np.save(ttl / "sample_numbers.npy", edges)
        np.save(ttl / "timestamps.npy", zero_s + edges / FS_HZ)
        np.save(ttl / "states.npy", np.tile([-1, 1] if active_low else [1, -1], len(rises)).astype(np.int16))
        np.save(ttl / "full_words.npy", np.tile([1, 0], len(rises)).astype(np.uint64))
        channels = [
            {"channel_name": c, "bit_volts": 0.1 * {"uV": 1, "mV": 1e-3}[unit], "units": unit}
            for c in NAMES[: uv.shape[1]]
        ]
        channels += [{"channel_name": "ADC1", "bit_volts": 1e-3, "units": "V"}] * adc
        about = {"sample_rate": FS_HZ, "source_processor_name": "Rig", "source_processor_id": 100, "stream_name": "Rig"}
        content = {
            "GUI version": "0.6.7",
            "continuous": [
                {"folder_name": "Rig-100.0/", "num_channels": len(channels), "channels": channels, **about}
            ],
            "events": [
                {"folder_name": "Rig-100.0/TTL/", "channel_name": "TTL", "type": "int16", "initial_state": 0, **about}
            ],
            "spikes": [],
        }  # fmt: skip
        (recording / "structure.oebin").write_text(json.dumps(content), encoding="utf-8")
        (recording.parents[1] / "settings.xml").write_text("<SETTINGS/>", encoding="utf-8")
    return folder


OPEN_EPHYS_RECORD = np.dtype([("t", "<i8"), ("n", "<u2"), ("r", ">u2"), ("x", ">i2", 1024), ("mark", "u1", 10)])
OPEN_EPHYS_EVENT = np.dtype(
    [("t", "<i8"), ("place", "<i2"), ("type", "u1"), ("node", "u1"), ("id", "u1"), ("channel", "u1"), ("r", "<u2")]
)


def open_ephys_old(folder: Path, uv, *, lost=None, first=5000, line=0, fs_hz=FS_HZ) -> Path:
    """The older format: a .continuous file a channel, in records of 1024 samples; `lost`: a record that is missing."""
    folder.mkdir(parents=True, exist_ok=True)

    def head(channel, more):
        text = (
            "header.format = 'Open Ephys Data Format'; \nheader.version = 0.4; \nheader.header_bytes = 1024;\n"
            f"header.date_created = '1-Jan-2024 120000';\nheader.channel = '{channel}';\n"
            f"header.sampleRate = {fs_hz:g};\nheader.blockLength = 1024;\nheader.bufferSize = 1024;\n{more}"
        )
        return text.encode().ljust(1024)

    n = len(uv) // 1024
    for c in range(uv.shape[1]):
        records = np.zeros(n, OPEN_EPHYS_RECORD)
        records["t"], records["n"], records["mark"] = first + 1024 * np.arange(n), 1024, [*range(9), 255]
        records["x"] = np.round(uv[: n * 1024, c] / 0.195).reshape(n, 1024)
        if lost is not None:
            records = np.delete(records, lost)
        more = "header.channelType = 'Continuous';\nheader.bitVolts = 0.195;\n"
        (folder / f"100_CH{c + 1}.continuous").write_bytes(head(f"CH{c + 1}", more) + records.tobytes())
    rises = first + np.round(TRIGGERS_S * fs_hz).astype(int)
    events = np.zeros(2 * len(rises), OPEN_EPHYS_EVENT)
    events["t"], events["type"], events["node"] = np.sort(np.concatenate([rises, rises + 20])), 3, 100
    events["id"], events["channel"] = np.tile([1, 0], len(rises)), line
    (folder / "all_channels.events").write_bytes(
        head("Events", "header.channelType = 'Event';\nheader.bitVolts = 1;\n") + events.tobytes()
    )
    return folder


def neuroscan(path: Path, uv, *, n_bytes=2, stated=None, code=7, fs_hz=FS_HZ) -> Path:
    """A .cnt file of steps of 0.1 µV; `stated`: samples that its header states, which is wrong in many files."""
    n, c = uv.shape
    begin = 900 + 75 * c
    head = bytearray(900)
    head[:11], head[225:235], head[235:247] = b"Version 3.0", b"01/01/24\0\0", b"12:00:00\0\0\0\0"
    table = begin + n * c * n_bytes
    for at, value, kind in ((370, c, "<u2"), (376, fs_hz, "<u2"), (864, n if stated is None else stated, "<i4"),
                            (886, table, "<i4")):  # fmt: skip
        head[at : at + np.dtype(kind).itemsize] = np.array(value).astype(kind).tobytes()
    electrodes = bytearray(75 * c)
    for i in range(c):
        electrodes[75 * i : 75 * i + 10] = NAMES[i].encode().ljust(10, b"\0")
        electrodes[75 * i + 59 : 75 * i + 63] = np.float32(1).tobytes()
        electrodes[75 * i + 71 : 75 * i + 75] = np.float32(0.1 * 204.8).tobytes()
    events = np.zeros(len(TRIGGERS_S), "<u2,u1,u1,<i4")
    events["f0"], events["f3"] = code, begin + np.round(TRIGGERS_S * fs_hz).astype(int) * c * n_bytes
    listing = np.array([(1, events.nbytes, 0)], "u1,<i4,<i4").tobytes() + events.tobytes()
    path.write_bytes(bytes(head) + bytes(electrodes) + np.round(uv * 10).astype(f"<i{n_bytes}").tobytes() + listing)
    return path
