"""The header of an EDF or BDF file: what MNE does not tell, such as each channel's own rate and unit."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError
from .channel_kinds import kind_by_name

VOLTAGE = ("v", "mv", "uv", "µv", "μv", "nv")
FIELDS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)  # bytes a channel: label, transducer, unit, … , samples a record, reserved


@dataclass(frozen=True)
class EdfHeader:
    """Channels of an EDF file, without its annotations.

    Attributes
    ----------
    names : list of str
    rates_hz : list of float
    units : list of str
    """

    names: list
    rates_hz: list
    units: list

    def unit(self, name: str) -> str:
        """As the header states it; empty for none."""
        return self.units[self.names.index(name)] if name in self.names else ""

    def is_voltage(self, name: str) -> bool:
        """Whether the unit is one of voltage, or is not stated."""
        return self.unit(name).lower() in (*VOLTAGE, "")

    def is_known_voltage(self, name: str) -> bool:
        """Whether the unit is stated as one of voltage."""
        return name not in self.names or self.units[self.names.index(name)].lower() in VOLTAGE

    def of_one_rate(self, wanted, trigger: str | None, where: str) -> list[str] | None:
        """Channels to load so that none is interpolated to the rate of another; None for all of them.

        MNE brings all channels that it loads to the highest rate.
        """
        if len(set(self.rates_hz)) < 2:
            return None
        rates = dict(zip(self.names, self.rates_hz, strict=True))
        chosen = list(wanted) or [
            name for name in self.names if name != trigger and self.is_voltage(name) and not kind_by_name(name)
        ]
        unknown = next((name for name in chosen if name not in rates), None)
        if unknown is not None or len({rates[name] for name in chosen}) > 1:
            listed = "; ".join(
                f"{rate:g} Hz: {', '.join([n for n in self.names if rates[n] == rate][:12])}"
                for rate in sorted(set(self.rates_hz), reverse=True)
            )
            raise InputError(
                f"{where}: its channels have several rates ({listed}); name those of one rate in `channels`, not by"
                " their index"
            )
        return chosen


def read_edf_header(path, where: str) -> EdfHeader:
    """Read and verify the header: kind, number of records against the file's size, gaps."""
    size = path.stat().st_size
    with path.open("rb") as file:
        fixed = file.read(256)
        is_bdf = fixed[:8] == b"\xffBIOSEMI"
        if len(fixed) < 256 or not (is_bdf or fixed[:8].strip() == b"0"):
            raise InputError(f"{where}: does not begin as an EDF or BDF file does; export it again or exclude the row")
        try:
            header_bytes, n_records, duration, n = (
                kind(fixed[a:b].decode("ascii").strip())
                for kind, a, b in ((int, 184, 192), (int, 236, 244), (float, 244, 252), (int, 252, 256))
            )
            rest = file.read(256 * n).decode("latin-1")
            columns, begin = [], 0
            for width in FIELDS:
                columns.append([rest[begin + i * width : begin + (i + 1) * width].strip() for i in range(n)])
                begin += width * n
            samples = [int(text) for text in columns[8]]
        except ValueError:
            raise InputError(f"{where}: its header holds text in place of numbers; export it again") from None
    if not 0 <= duration < float("inf") or any(count < 0 for count in samples):
        raise InputError(f"{where}: its header gives records of {duration:g} s; export it again or exclude the row")
    if n < 1:
        raise InputError(f"{where}: holds no channels; export it again or exclude the row")
    if fixed[192:197] in (b"EDF+D", b"BDF+D"):
        raise InputError(f"{where}: is discontinuous ({fixed[192:197].decode()}); export it without gaps, as EDF+C")
    record = sum(samples) * (3 if is_bdf else 2)
    held = (size - header_bytes) / record if record else 0
    if n_records >= 0 and held != n_records:
        raise InputError(
            f"{where}: the header says {n_records} records, but the file holds {held:.6g}; copy or export it again"
        )
    keep = [i for i, label in enumerate(columns[0]) if label not in ("EDF Annotations", "BDF Annotations")]
    seconds = duration or 1.0
    return EdfHeader([columns[0][i] for i in keep], [samples[i] / seconds for i in keep], [columns[2][i] for i in keep])
