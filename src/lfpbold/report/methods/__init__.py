"""The methods section: templates filled from the settings and from the sidecars of the stages that ran."""

from __future__ import annotations

import re

from ..inputs import Variant, runs
from ..text import environment, one_line
from . import facts

STAGES = (
    *("data", "lfp", "power", "motion", "bold", "coupling", "removal", "controls", "nulls", "evoked"),
    *("statistics", "software"),
)


def sections(variant: Variant) -> list[tuple[str, str]]:
    """Title and text of each paragraph; `[@key]` marks a citation.

    Parameters
    ----------
    variant : Variant
        Resolved settings, tables, and the sidecars of each recording.
    """
    known = _facts(variant)
    rendered = [environment().get_template(f"methods/{stage}.j2").render(known) for stage in STAGES]
    return [paragraph for text in rendered for paragraph in paragraphs(text)]


def paragraphs(text: str) -> list[tuple[str, str]]:
    """Title and text of each paragraph of a rendered template; those without text are dropped.

    Examples
    --------
    >>> paragraphs("## Data\\n1 recording\\n, 2 animals.\\n## Controls\\n")
    [('Data', '1 recording, 2 animals.')]
    """
    parts = (part.partition("\n") for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:])
    return [(title.strip(), line) for title, _, body in parts if (line := one_line(body))]


def _facts(variant: Variant) -> dict:
    """What the templates name: the settings, and the facts of each stage."""
    settings = variant.settings
    ran = [r for r in variant.recordings if r.lfp or r.bold or r.motion]
    with_lfp, with_bold = [r for r in ran if r.lfp.get("Stage")], [r for r in ran if r.bold.get("Stage")]
    voxels = [r.bold["BrainVoxels"] for r in ran if r.bold.get("BrainVoxels")]
    return {
        "settings": settings,
        "maps": not voxels or max(voxels) >= 3,  # fewer voxels have no map to correlate
        "slow_bands": facts.slow_bands(settings),
        "data": facts.data(variant),
        "lfp": facts.lfp(settings, [r.lfp for r in with_lfp]),
        "power": facts.power([r.lfp for r in with_lfp]),
        "motion": facts.motion(settings, runs(r for r in ran if r.motion.get("Stage"))),
        "bold": facts.bold([r.bold for r in runs(with_bold)]),
        "coupling": facts.coupling(settings, [r.bold for r in with_bold]),
        "controls": {"multiunit": bool(variant.tables["multiunit"])},
        "evoked": facts.evoked(variant),
    }
