"""What stands under each figure: what is drawn, its axes and units, n, and how to read it.

The sentences stand in the YAML files beside this module, a list for each figure, with {facts of the study} in braces.
"""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import yaml

from ...derivatives.panels import FIGURES

__all__ = ["CAPTIONS", "PANELS", "caption", "caption_of"]

FILES = ("group", "networks", "study", "nulls", "recordings", "evoked")
GENERAL = {"main_band": "main-band", "percentile": "85", "removal_bands": "all bands"}  # where no fact is known


def _read(name: str) -> dict:
    return yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))


def _sentences(texts: list) -> tuple[str, ...]:
    """The sentences of one caption, those that several captions share put in."""
    return tuple(_SHARED[text["shared"]] if isinstance(text, dict) else text for text in texts)


_SHARED = _read("shared")
CAPTIONS = {kind: _sentences(texts) for name in FILES for kind, texts in _read(name).items()}
OF_ALL_VARIANTS = {kind: _sentences(texts) for kind, texts in _read("specification").items()}
# Panels of Tu, Cramer & Zhang 2024 that each figure reproduces; empty for what the study does not show.
PANELS = {figure.name: figure.numbers for figure in FIGURES}


def caption_of(figure, kind: str, **facts) -> str:
    """What stands under this figure: nothing where it says in words that there is nothing to see."""
    return "" if getattr(figure, "only_words", False) else caption(kind, **facts)


def caption(kind: str, **facts) -> str:
    """What stands under a figure; a sentence whose fact is not known is dropped.

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
    known = {key: str(value).strip().rstrip(".") for key, value in facts.items() if value not in (None, "")}
    words = GENERAL | known
    sentences = [s if "who" in words else s.replace(", {who}", "") for s in (CAPTIONS | OF_ALL_VARIANTS)[kind]]
    complete = [s for s in sentences if all(name in words for _, name, _, _ in Formatter().parse(s) if name)]
    return " ".join(sentence.format(**words) for sentence in complete)
