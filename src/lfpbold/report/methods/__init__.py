"""The methods section, written from the settings and from the sidecars of what really ran."""

from __future__ import annotations

from ..inputs import Variant
from ..text import runs, span
from ..views import networks
from . import evoked
from . import nulls as surrogates
from .analysis import SOFTWARE, controls, coupling, data, variance
from .analysis import networks as removal
from .artefact import lfp
from .preprocessing import bold, motion, power_and_hrf, slow_bands

__all__ = ["networks", "runs", "sections", "slow_bands", "span"]


def sections(variant: Variant) -> list[tuple[str, str]]:
    """Title and text of each paragraph; `[@key]` marks a citation.

    Parameters
    ----------
    variant : Variant
        Resolved settings, tables, and the sidecars of each recording.
    """
    ran = [r for r in variant.recordings if r.lfp or r.bold or r.motion]
    voxels = [r.bold["BrainVoxels"] for r in ran if r.bold.get("BrainVoxels")]
    maps = not voxels or max(voxels) >= 3  # fewer voxels have no map to correlate
    paragraphs = [
        ("Data", data(variant)),
        ("Local field potential", lfp(variant.settings, [r for r in ran if r.lfp.get("Stage")])),
        ("Band power and regressors", power_and_hrf(variant.settings, [r for r in ran if r.lfp.get("Stage")])),
        ("Motion and atlas space", motion(variant.settings, runs(r for r in ran if r.motion.get("Stage")))),
        ("BOLD signal", bold(variant.settings, runs(r for r in ran if r.bold.get("Stage")))),
        (
            "Correlation in time and in space" if maps else "Correlation in time",
            coupling(variant.settings, [r for r in ran if r.bold.get("Stage")], maps),
        ),
        ("Removal of the LFP", removal(variant.settings)),
        ("Networks", networks.networks(variant.settings)),
        ("Controls", controls(variant, maps)),
        *surrogates.paragraphs(variant.settings),
        *evoked.paragraphs(variant),
        ("Noise and statistics" if maps else "Statistics", variance(variant.settings, maps)),
        ("Software", SOFTWARE),
    ]
    return [part for part in paragraphs if part[1] and (maps or part[0] not in ("Removal of the LFP", "Networks"))]
