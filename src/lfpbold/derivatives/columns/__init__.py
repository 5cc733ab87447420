"""The columns of every table: description and unit, as they stand in the table's JSON sidecar."""

from . import evoked, networks, nulls, scan, study
from .networks import matrix_columns, matrix_of
from .nulls import BINS, COHERENCE, NULLS, WINDOWS
from .scan import (
    CONFOUNDS,
    ELECTRODES,
    MULTIUNIT_POWER,
    REGRESSION,
    SEED_COURSE,
    contacts,
    nuisance,
    regressors,
    scan_lags,
)

__all__ = [
    "AVERAGE",
    "CONFOUNDS",
    "ELECTRODES",
    "EVOKED",
    "EVOKED_AVERAGE",
    "EXPLAINED",
    "GROUP",
    "MEDIATION",
    "MULTIUNIT_POWER",
    "NULLS_OF_SCAN",
    "REGRESSION",
]
__all__ += ["NETWORKS", "SCAN", "SEED_COURSE", "contacts", "matrix_columns", "matrix_of", "nuisance", "regressors"]
__all__ += ["scan_lags"]

# What a rule leaves, by the name of the table.
SCAN = {
    "temporal": scan.TEMPORAL,
    "spatial": scan.SPATIAL,
    "information": scan.INFORMATION,
    "hrfgrid": scan.SCAN_HRFGRID,
    "multiunit": scan.MULTIUNIT,
}
NULLS_OF_SCAN = {"nulls": NULLS, "bins": BINS, "coherence": COHERENCE, "windows": WINDOWS}
AVERAGE = {
    "spatial": study.SPATIAL_GROUP,
    "regression": study.REGRESSION_GROUP,
    "information": study.INFORMATION_GROUP,
    "lags": study.LAGS,
    "hrfgrid": study.HRFGRID,
}
NETWORKS = {
    "connectivity": networks.CONNECTIVITY,
    "network_peaks": networks.NETWORK_PEAKS,
    "components": networks.COMPONENTS,
}
MEDIATION = {
    "mediation": nulls.MEDIATION,
    "k": nulls.K,
    "cross_scan": nulls.CROSS_SCAN,
    "inter_scan": nulls.INTER_SCAN,
    "significance": nulls.SIGNIFICANCE,
}
EXPLAINED = {
    "explained": nulls.EXPLAINED,
    "commonality": nulls.COMMONALITY,
    "response": nulls.RESPONSE,
    "hrfchoice": nulls.HRFCHOICE,
    "pairing": nulls.PAIRING,
    "significance": nulls.SIGNIFICANCE,
}
# Of runs with stimuli: of one run or recording, of a state and site, and of the study.
EVOKED = {"clusters": evoked.SCAN_CLUSTERS, "responses": evoked.SCAN_RESPONSES}
EVOKED_AVERAGE = {
    "clusters": evoked.GROUP_CLUSTERS,
    "responses": evoked.GROUP_RESPONSES,
    "prediction": evoked.PREDICTION,
}
# The tables of the study, in `group/`. No p of a scan stands there without that of the animals beside it.
GROUP = {
    "temporal": scan.TEMPORAL | nulls.OVER_ANIMALS,
    "spatial": scan.SPATIAL,
    "lags": study.LAGS,
    "spatial_group": study.SPATIAL_GROUP,
    "regression": study.REGRESSION_GROUP,
    "hrfgrid": study.HRFGRID,
    "information": study.INFORMATION_GROUP,
    "multiunit": scan.MULTIUNIT,
    **NETWORKS,
    "paired": study.PAIRED,
    "ttests": study.TTESTS,
    "states": study.STATES,
    "nulls": NULLS | nulls.OVER_ANIMALS | nulls.IN_SPACE_OVER_ANIMALS,
    "bins": BINS | nulls.OVER_ANIMALS | nulls.IN_SPACE_OVER_ANIMALS,
    "coherence": COHERENCE | nulls.OF_SCORES_OVER_ANIMALS,
    "windows": WINDOWS | nulls.OF_SCORES_OVER_ANIMALS,
    **{name: columns for name, columns in MEDIATION.items() if name != "significance"},
    **EXPLAINED,
    "reliability": nulls.RELIABILITY,
    "animals": nulls.ANIMALS,
    "noise": study.NOISE,
    "noise_curve": study.NOISE_CURVE,
    "yardstick": study.YARDSTICK,
    "headline": study.HEADLINE,
    "flow": study.FLOW,
    "excluded": study.EXCLUDED,
    "rest_evoked": evoked.REST_EVOKED,  # where runs have stimuli
}
