"""Opens what laboratories have: LFP of a dozen formats, NIfTI and MATLAB files with BOLD.

The only module that opens raw recordings. Everything is checked at this door: samples, rate, channels, TR, slice times.
"""

from __future__ import annotations

from .bold import open_bold, open_configured_bold
from .fingerprint import fingerprints
from .lfp import open_configured_lfp, open_lfp
from .opened import Bold, Lfp, OneChannel, check_range, check_samples

__all__ = [
    "Bold",
    "Lfp",
    "OneChannel",
    "check_range",
    "check_samples",
    "fingerprints",
    "open_bold",
    "open_configured_bold",
    "open_configured_lfp",
    "open_lfp",
]
