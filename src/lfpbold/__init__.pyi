"""The public names, for editors and type checkers: those of `_HOMES` in `__init__.py`."""

from .artefact.gradient import remove_gradient_artefact as remove_gradient_artefact
from .bold.cleaning import band_pass as band_pass
from .bold.cleaning import regress_out as regress_out
from .bold.motion import framewise_displacement as framewise_displacement
from .bold.motion import realign as realign
from .bold.motion import resample as resample
from .coupling.coherence import coherence as coherence
from .coupling.commonality import commonality as commonality
from .coupling.correlation import effective_n as effective_n
from .coupling.correlation import lagged_r as lagged_r
from .coupling.correlation import temporal_r as temporal_r
from .coupling.information import mutual_information as mutual_information
from .errors import InputError as InputError
from .hemodynamics.hrf import spm_hrf as spm_hrf
from .networks.maps import lfp_map as lfp_map
from .networks.maps import remove_lfp as remove_lfp
from .networks.maps import seed_map as seed_map
from .networks.maps import spatial_r as spatial_r
from .networks.seed import seed_voxels as seed_voxels
from .nulls.mediation import mediation as mediation
from .nulls.surrogates import circular_shifts as circular_shifts
from .nulls.surrogates import phase_randomised as phase_randomised
from .nulls.tests import spatial_p as spatial_p
from .nulls.tests import temporal_p as temporal_p
from .pipeline.interactive import band_power as band_power
from .pipeline.interactive import clean_bold as clean_bold
from .pipeline.interactive import clean_lfp as clean_lfp
from .pipeline.interactive import convolve as convolve
from .recordings import open_bold as open_bold
from .recordings import open_lfp as open_lfp
from .stats.animals import sign_flip as sign_flip
from .stats.noise_ceiling import noise_ceiling as noise_ceiling
from .stats.resampling import jackknife as jackknife
from .stats.tests import fisher_z as fisher_z
from .stats.tests import mean_r as mean_r
from .timing.clock import Clock as Clock
from .timing.locate import locate_scan as locate_scan

__version__: str

__all__ = [
    "Clock",
    "InputError",
    "__version__",
    "band_pass",
    "band_power",
    "circular_shifts",
    "clean_bold",
    "clean_lfp",
    "coherence",
    "commonality",
    "convolve",
    "effective_n",
    "fisher_z",
    "framewise_displacement",
    "jackknife",
    "lagged_r",
    "lfp_map",
    "locate_scan",
    "mean_r",
    "mediation",
    "mutual_information",
    "noise_ceiling",
    "open_bold",
    "open_lfp",
    "phase_randomised",
    "realign",
    "regress_out",
    "remove_gradient_artefact",
    "remove_lfp",
    "resample",
    "seed_map",
    "seed_voxels",
    "sign_flip",
    "spatial_p",
    "spatial_r",
    "spm_hrf",
    "temporal_p",
    "temporal_r",
]
