"""Figures: arrays and rows of tables in, matplotlib figures out. Nothing here opens a file but `save`."""

from .brain import maps, scatter
from .lags import lags
from .recording import artefact, motion
from .removal import removal, removal_names
from .study import bands, headline, noise
from .style import band_colours, message, save

__all__ = [
    "artefact",
    "band_colours",
    "bands",
    "headline",
    "lags",
    "maps",
    "message",
    "motion",
    "noise",
    "removal",
    "removal_names",
    "save",
    "scatter",
]
