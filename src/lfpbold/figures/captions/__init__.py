"""What stands under each figure: what is drawn, its axes and units, n, and how to read it."""

from __future__ import annotations

from string import Formatter

from ...derivatives.panels import FIGURES
from . import chance, evoked, group, networks, recordings, specification, study

__all__ = ["CAPTIONS", "PANELS", "caption", "caption_of"]

# Panels of Tu, Cramer & Zhang 2024 that each figure reproduces; empty for what the study does not show.
PANELS = {figure.name: figure.numbers for figure in FIGURES}

# {Words in braces} are facts of the study; a sentence is left out where its fact is not known.
CAPTIONS = group.CAPTIONS | networks.CAPTIONS | study.CAPTIONS | chance.CAPTIONS | recordings.CAPTIONS
CAPTIONS |= evoked.CAPTIONS
OF_ALL_VARIANTS = specification.CAPTIONS


def caption_of(figure, kind: str, **facts) -> str:
    """What stands under this figure: nothing where it says in words that there is nothing to see."""
    return "" if getattr(figure, "only_words", False) else caption(kind, **facts)


def caption(kind: str, **facts) -> str:
    """What stands under a figure.

    Parameters
    ----------
    kind : str
        Name of the figure.
    **facts : str
        `who` ("M1, sedated"), `n` ("4 scans of 2 animals, 3120 voxels"), `example` ("sub-01 ses-01 run-1"),
        `main_band`, `percentile`, `removal_bands`, `note` (how mutual information is estimated). Each may be missing;
        each figure takes those that concern it.

    Returns
    -------
    text : str

    Examples
    --------
    >>> caption("motion", who="sub-01, run-1")[:33]
    'Motion of one run, sub-01, run-1.'
    """
    told = {key: str(value).strip().rstrip(".") for key, value in facts.items() if value not in (None, "")}
    words = {"main_band": "main-band", "percentile": "85", "removal_bands": "all bands", **told}
    sentences = [s if "who" in words else s.replace(", {who}", "") for s in (CAPTIONS | OF_ALL_VARIANTS)[kind]]
    known = [s for s in sentences if all(name in words for _, name, _, _ in Formatter().parse(s) if name)]
    return " ".join(sentence.format(**words) for sentence in known)
