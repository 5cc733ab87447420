"""Mutations of a file: what transfers, failing disks, careless editors and malice do to bytes."""

from __future__ import annotations

import gzip
import re

NUMBERS = (0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
TEXTS = (b"-1", b"0", b"99999999", b"1e308", b"-1e308", b"nan", b"inf", b"NaN", b"Infinity", b"null", b"true", b"",
         b"../../../../etc/passwd", b"/etc/passwd", b"\x00", b"\xff\xfe", b"\r", b"\n", b"\t", b'"', b"'", b"{}", b"[",
         b"<script>", b"=1+1", b"\x1b[31m", b"%s%n", b"9" * 60, "\u202e".encode(), b"&a *a",
         b"!!python/object:os.system", b"{sub}", b"~", b":", b"- ", b"#")  # fmt: skip


def mutated(data: bytes, random, *, packed: bool = False) -> bytes:
    """One to four mutations of `data`; `packed`: mostly of what a gzip file holds, packed again.

    Parameters
    ----------
    random : random.Random
        Decides everything: the same state gives the same bytes.
    """
    if packed and random.random() < 0.7:
        return gzip.compress(mutated(gzip.decompress(data), random), compresslevel=1, mtime=0)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        data = random.choice(WAYS)(data, random)
    return data


def _place(data: bytes, random) -> int:
    """A place in the data; three of four times in the beginning or the end, where headers and indices are."""
    n = len(data)
    if n == 0:
        return 0
    part = random.random()
    if part < 0.4:
        return random.randrange(min(n, 1024))
    if part < 0.65:
        return random.randrange(min(n, 20_000))
    return n - 1 - random.randrange(min(n, 2000)) if part < 0.75 else random.randrange(n)


def _flip(data, random):
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 20))):
        if out:
            out[_place(data, random)] ^= 1 << random.randrange(8)
    return bytes(out)


def _number(data, random):
    """A field of 1, 2, 4 or 8 bytes, of either order, becomes an extreme number."""
    width = random.choice((1, 2, 4, 4, 8))
    at = _place(data, random) // width * width if random.random() < 0.7 else _place(data, random)
    value = random.choice(NUMBERS) * random.choice((1, 1, -1)) % 2 ** (8 * width)
    return data[:at] + value.to_bytes(width, random.choice(("little", "little", "big"))) + data[at + width :]


def _cut(data, random):
    return data[: _place(data, random)]


def _without(data, random):
    at = _place(data, random)
    return data[:at] + data[at + random.choice((1, 2, 4, 8, 64, 512, 4096)) :]


def _twice(data, random):
    at, n = _place(data, random), random.choice((1, 2, 4, 8, 64, 512, 4096))
    return data[: at + n] + data[at : at + n] * random.choice((1, 1, 3)) + data[at + n :]


def _zeros(data, random):
    at, n = _place(data, random), random.choice((1, 4, 16, 64, 512))
    return data[:at] + random.choice((b"\x00", b"\xff", b" "))[:1] * n + data[at + n :]


def _moved(data, random):
    a, b, n = _place(data, random), _place(data, random), random.choice((4, 8, 64, 512))
    return data[:b] + data[a : a + n] + data[b + n :]


def _noise(data, random):
    at, n = _place(data, random), random.choice((1, 4, 16, 64))
    return data[:at] + random.randbytes(n) + data[at + n :]


def _digits(data, random):
    """A number that stands as text becomes another text, of the same width or not."""
    found = [match.span() for match in re.finditer(rb"-?\d+\.?\d*", data[:20_000])]
    if not found:
        return _number(data, random)
    begin, end = random.choice(found)
    text = random.choice(TEXTS)
    if random.random() < 0.6:
        text = text[: end - begin].ljust(end - begin)
    return data[:begin] + text + data[end:]


def _word(data, random):
    """A word becomes another text."""
    found = [match.span() for match in re.finditer(rb"[A-Za-z_.]{2,40}", data[:20_000])]
    if not found:
        return _noise(data, random)
    begin, end = random.choice(found)
    return data[:begin] + random.choice(TEXTS) + data[end:]


WAYS = (
    _flip,
    _flip,
    _number,
    _number,
    _number,
    _cut,
    _without,
    _twice,
    _zeros,
    _moved,
    _noise,
    _digits,
    _digits,
    _word,
)
