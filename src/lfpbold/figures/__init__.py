"""Figures: arrays and rows of tables in, matplotlib figures out. Nothing here opens a file but `save`."""

from .brain import information, maps, scatter, shuffled
from .captions import CAPTIONS, PANELS, caption, caption_of
from .coherence import coherence
from .controls import multiunit, yardstick
from .evoked import evoked, glm, rest_evoked
from .example import peaks, regressors
from .hrfgrid import hrfgrid
from .lags import lags
from .mediation import mediation
from .networks import components, connectivity, network_peaks
from .noise import noise
from .paired import paired, states
from .recording import artefact, motion
from .removal import removal, removal_names
from .response import response
from .study import bands, headline
from .style import band_colours, is_one_hz, message_figure, save, save_all
from .sweep import spectrogram, sweep
from .windows import windows

__all__ = [
    "CAPTIONS",
    "PANELS",
    "artefact",
    "band_colours",
    "bands",
    "caption",
    "caption_of",
    "coherence",
    "components",
    "connectivity",
    "evoked",
    "glm",
    "headline",
    "hrfgrid",
    "information",
    "is_one_hz",
    "lags",
    "maps",
    "mediation",
    "message_figure",
    "motion",
    "multiunit",
    "network_peaks",
    "noise",
    "paired",
    "peaks",
    "regressors",
    "removal",
    "removal_names",
    "response",
    "rest_evoked",
    "save",
    "save_all",
    "scatter",
    "shuffled",
    "spectrogram",
    "states",
    "sweep",
    "windows",
    "yardstick",
]
