"""Recordings whose truth is known: raw LFP with scanner artefact, raw fMRI, and what analysis should find.

Nothing here imports the analysis, because this truth judges it.
"""

from .presets import PRESETS, Parameters, resolve
from .run import simulate

__all__ = ["PRESETS", "Parameters", "resolve", "simulate"]
