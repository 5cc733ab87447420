"""Every output of the workflow, one record each: what it is called, which rule and function make it, its columns.

Sidecars, `.bidsignore`, the lists of the report and of `lfpbold compare`, docs/panels.md and the tests derive from
these records. Rules name the same paths, so that a rule shows what it makes; a test holds both equal.
"""

from __future__ import annotations

from functools import cache

from .columns import evoked, networks, nulls, scan, study
from .output import PREFIXES, Output, sidecar_of
from .panels import FIGURES

__all__ = ["EVERYTHING", "GROUP", "OUTPUTS", "PREFIXES", "bidsignore", "of_path", "of_rule", "sidecar_of", "tables"]

BIDS_SUFFIXES = {"ieeg", "bold", "mask", "electrodes", "coordsystem"}  # that BIDS has names for

RELMAT = networks.matrix_columns
OVER = nulls.OVER_ANIMALS
IN_SPACE, OF_SCORES = nulls.IN_SPACE_OVER_ANIMALS, nulls.OF_SCORES_OVER_ANIMALS
HRF_CELL = ("delay_s", "undershoot_s")


def made_by(rule: str, made: str = "always", **files) -> tuple[Output, ...]:
    """Records of a rule's outputs: name to path, function, columns, and columns of numbers that name a row."""
    return tuple(
        Output(rule, name, path, *(rest[:2] or ("",)), made=made, keys=(rest[2:] or ((),))[0])
        for name, (path, *rest) in files.items()
    )


OF_RUNS = (
    *made_by(
        "motion",
        bold=("<run>_desc-preproc_bold.nii", "bold.motion.realign"),
        confounds=("<run>_desc-confounds_timeseries.tsv", "bold.motion.scrub", scan.CONFOUNDS),
        brain=("<run>_desc-brain_mask.nii.gz", "bold.cleaning.mean_brain_mask"),
    ),
    *made_by(
        "bold",
        bold=("<run>_desc-clean_bold.nii", "bold.cleaning.regress_out"),
        nuisance=("<run>_desc-nuisance_timeseries.tsv", "bold.cleaning.nuisance_regressors", scan.nuisance),
    ),
    *made_by(
        "glm",
        made="evoked",
        maps=("<run>_desc-glm_statmap.nii.gz", "evoked.glm.fit"),
        clusters=("<run>_desc-clusters_statmap.tsv", "evoked.clusters.scan_null", evoked.SCAN_CLUSTERS),
    ),
)
OF_SCANS = (
    *made_by(
        "artefact",
        lfp=("<lfp>_desc-clean_ieeg.vhdr", "artefact.blockwise.BlockwiseSubtraction"),
        samples=("<lfp>_desc-clean_ieeg.eeg",),
        markers=("<lfp>_desc-clean_ieeg.vmrk",),
        multiunit=("<lfp>_desc-multiunit_timeseries.tsv", "spectral.power.MultiunitFrames", scan.MULTIUNIT_POWER),
        qc=("<lfp>_desc-artefact_qc.json", "artefact.quality.residue"),
        spectrogram=("<lfp>_desc-spectrogram_qc.json", "spectral.power.spectra_at"),
    ),
    *made_by(
        "power",
        power=("<lfp>_desc-power_ieeg.vhdr", "spectral.power.band_power"),
        samples=("<lfp>_desc-power_ieeg.eeg",),
        markers=("<lfp>_desc-power_ieeg.vmrk",),
        contacts=("<lfp>_desc-contacts_timeseries.tsv", "spectral.power.band_power", scan.contacts),
    ),
    *made_by(
        "hrf",
        regressors=("<lfp>_desc-hrf_timeseries.tsv", "hemodynamics.hrf.convolve", scan.regressors),
    ),
    *made_by(
        "coupling",
        seed_map=("<scan>_desc-seed_statmap.nii.gz", "networks.maps.seed_map"),
        lfp_maps=("<scan>_desc-lfp_statmap.nii.gz", "networks.maps.lfp_map"),
        information_maps=("<scan>_desc-information_statmap.nii.gz", "coupling.information.mutual_information"),
        temporal=("<scan>_desc-temporal_coupling.tsv", "coupling.correlation.temporal", scan.TEMPORAL),
        lags=("<scan>_desc-lags_coupling.tsv", "coupling.correlation.lagged_r", scan.scan_lags),
        hrfgrid=("<scan>_desc-hrfgrid_coupling.tsv", "hemodynamics.hrf.delay_grid", scan.SCAN_HRFGRID),
        information=(
            "<scan>_desc-information_coupling.tsv",
            "coupling.information.mutual_information",
            scan.INFORMATION,
        ),
        multiunit=("<scan>_desc-multiunit_coupling.tsv", "stats.tests.partial_r", scan.MULTIUNIT),
        seed_course=("<scan>_desc-seed_timeseries.tsv", "pipeline.coupling.coupling", scan.SEED_COURSE),
        spatial=("<scan>_desc-spatial_coupling.tsv", "networks.maps.spatial_r", scan.SPATIAL),
    ),
    *made_by(
        "networks",
        maps=("<scan>_desc-removal_statmap.nii.gz", "networks.maps.maps_without_lfp"),
        regression=("<scan>_desc-regression_networks.tsv", "networks.maps.slope", scan.REGRESSION),
        connectivity=("<scan>_desc-connectivity_relmat.tsv", "networks.connectivity.correlation_matrix", RELMAT),
        removed=("<scan>_desc-removed_relmat.tsv", "networks.connectivity.partial_matrix", RELMAT),
    ),
    *made_by(
        "nulls",
        made="surrogates",
        nulls=("<scan>_desc-nulls_coupling.tsv", "nulls.tests.temporal_null", nulls.NULLS),
        bins=("<scan>_desc-bins_nulls.tsv", "nulls.tests.max_statistic", nulls.BINS),
        coherence=("<scan>_desc-coherence_nulls.tsv", "coupling.coherence.coherence", nulls.COHERENCE),
        windows=("<scan>_desc-windows_nulls.tsv", "coupling.coherence.sliding_window", nulls.WINDOWS),
        orthogonal_maps=("<scan>_desc-orthogonal_statmap.nii.gz", "nulls.noise_law.orthogonal_map"),
    ),
    *made_by(
        "evoked",
        made="evoked",
        responses=("<scan>_desc-evoked_timeseries.tsv", "evoked.averages.around_onsets", evoked.SCAN_RESPONSES),
    ),
    *made_by(
        "electrodes",
        electrodes=("<session>_electrodes.tsv", "", scan.ELECTRODES),
        coordinates=("<session>_coordsystem.json",),
    ),
)
OF_GROUPS = (  # all scans of a state and site
    *made_by(
        "average",
        seed_map=("<group>_desc-seed_statmap.nii.gz", "networks.averages.average"),
        lfp_maps=("<group>_desc-lfp_statmap.nii.gz", "networks.averages.average"),
        removal_maps=("<group>_desc-removal_statmap.nii.gz", "networks.averages.average"),
        information_maps=("<group>_desc-information_statmap.nii.gz", "networks.averages.average"),
        spatial=("<group>_desc-spatial_average.tsv", "networks.maps.spatial_r", study.SPATIAL_GROUP),
        regression=("<group>_desc-regression_average.tsv", "networks.maps.slope", study.REGRESSION_GROUP),
        information=("<group>_desc-information_average.tsv", "networks.maps.spatial_r", study.INFORMATION_GROUP),
        lags=("<group>_desc-lags_average.tsv", "stats.tests.mean_and_sem", study.LAGS),
        hrfgrid=("<group>_desc-hrfgrid_average.tsv", "stats.tests.mean_and_sem", study.HRFGRID),
    ),
    *made_by(
        "connectivity",
        connectivity=("<group>_desc-connectivity_relmat.tsv", "networks.connectivity.correlation_matrix", RELMAT),
        removed=("<group>_desc-removed_relmat.tsv", "networks.connectivity.partial_matrix", RELMAT),
        expected=("<group>_desc-expected_relmat.tsv", "networks.connectivity.mediated_matrix", RELMAT),
        maps=("<group>_desc-components_statmap.nii.gz", "networks.ica.group_ica"),
        connectivity_table=(
            "<group>_desc-connectivity_average.tsv",
            "networks.connectivity.matrix_without_lfp",
            networks.CONNECTIVITY,
        ),
        network_peaks_table=(
            "<group>_desc-networkpeaks_average.tsv",
            "networks.peaks.split_halves",
            networks.NETWORK_PEAKS,
        ),
        components_table=("<group>_desc-components_average.tsv", "networks.ica.group_ica", networks.COMPONENTS),
    ),
    *made_by(
        "mediation",
        made="surrogates",
        maps=("<group>_desc-mediation_statmap.nii.gz", "nulls.mediation.group_excess"),
        mediation=("<group>_desc-mediation_average.tsv", "nulls.mediation.group_mediation", nulls.MEDIATION),
        k=("<group>_desc-k_average.tsv", "nulls.noise_law.k_of_maps", nulls.K),
        cross_scan=("<group>_desc-crossscan_average.tsv", "nulls.noise_law.cross_scan", nulls.CROSS_SCAN),
        inter_scan=("<group>_desc-interscan_average.tsv", "networks.reliability.inter_scan", nulls.INTER_SCAN),
        significance=("<group>_desc-spatialsignificance_average.tsv", "nulls.group.GroupNull", nulls.SIGNIFICANCE),
    ),
    *made_by(
        "explained",
        made="surrogates",
        explained=("<group>_desc-explained_average.tsv", "coupling.prediction.all_bands", nulls.EXPLAINED),
        commonality=("<group>_desc-commonality_average.tsv", "coupling.commonality.commonality", nulls.COMMONALITY),
        response=("<group>_desc-response_average.tsv", "hemodynamics.fir.fir", nulls.RESPONSE),
        hrfchoice=("<group>_desc-hrfchoice_average.tsv", "hemodynamics.grid_search.nested_search", nulls.HRFCHOICE),
        pairing=("<group>_desc-pairing_average.tsv", "nulls.group.cross_pairing", nulls.PAIRING),
        significance=("<group>_desc-temporalsignificance_average.tsv", "nulls.group.GroupNull", nulls.SIGNIFICANCE),
    ),
    *made_by(
        "evoked_average",
        made="evoked",
        maps=("<group>_desc-glm_statmap.nii.gz", "evoked.clusters.group_clusters"),
        clusters=("<group>_desc-clusters_statmap.tsv", "evoked.clusters.group_clusters", evoked.GROUP_CLUSTERS),
        responses=("<group>_desc-evoked_timeseries.tsv", "pipeline.evoked_group.responses", evoked.GROUP_RESPONSES),
        prediction=("<group>_desc-prediction_average.tsv", "coupling.prediction.all_bands", evoked.PREDICTION),
    ),
)
# Of the whole study. No p of a scan stands there without that of the animals beside it.
OF_STUDY = (
    *made_by(
        "variance",
        temporal=("<tables>/temporal.tsv", "coupling.correlation.temporal", scan.TEMPORAL | OVER),
        spatial=("<tables>/spatial.tsv", "networks.maps.spatial_r", scan.SPATIAL),
        lags=("<tables>/lags.tsv", "stats.tests.mean_and_sem", study.LAGS, ("lag_s",)),
        spatial_group=("<tables>/spatial_group.tsv", "networks.maps.spatial_r", study.SPATIAL_GROUP),
        regression=("<tables>/regression.tsv", "networks.maps.slope", study.REGRESSION_GROUP),
        hrfgrid=("<tables>/hrfgrid.tsv", "hemodynamics.hrf.delay_grid", study.HRFGRID, ("delay_s", "undershoot_s")),
        information=("<tables>/information.tsv", "coupling.information.mutual_information", study.INFORMATION_GROUP),
        multiunit=("<tables>/multiunit.tsv", "stats.tests.partial_r", scan.MULTIUNIT),
        connectivity=("<tables>/connectivity.tsv", "networks.connectivity.matrix_without_lfp", networks.CONNECTIVITY),
        network_peaks=("<tables>/network_peaks.tsv", "networks.peaks.split_halves", networks.NETWORK_PEAKS, ("lfp",)),
        components=("<tables>/components.tsv", "networks.ica.group_ica", networks.COMPONENTS, ("component",)),
        paired=("<tables>/paired.tsv", "stats.tests.fisher_z", study.PAIRED),
        ttests=("<tables>/ttests.tsv", "stats.tests.t_test", study.TTESTS),
        states=("<tables>/states.tsv", "stats.tests.between_states", study.STATES),
    ),
    *made_by(
        "variance",
        made="surrogates",
        nulls=("<tables>/nulls.tsv", "nulls.tests.temporal_null", nulls.NULLS | OVER | IN_SPACE),
        bins=("<tables>/bins.tsv", "nulls.tests.max_statistic", nulls.BINS | OVER | IN_SPACE),
        coherence=("<tables>/coherence.tsv", "coupling.coherence.coherence", nulls.COHERENCE | OF_SCORES),
        windows=("<tables>/windows.tsv", "coupling.coherence.sliding_window", nulls.WINDOWS | OF_SCORES),
        mediation=("<tables>/mediation.tsv", "nulls.mediation.group_mediation", nulls.MEDIATION),
        k=("<tables>/k.tsv", "nulls.noise_law.k_of_maps", nulls.K),
        cross_scan=("<tables>/cross_scan.tsv", "nulls.noise_law.cross_scan", nulls.CROSS_SCAN),
        inter_scan=("<tables>/inter_scan.tsv", "networks.reliability.inter_scan", nulls.INTER_SCAN),
        explained=("<tables>/explained.tsv", "coupling.prediction.all_bands", nulls.EXPLAINED),
        commonality=("<tables>/commonality.tsv", "coupling.commonality.commonality", nulls.COMMONALITY),
        response=("<tables>/response.tsv", "hemodynamics.fir.fir", nulls.RESPONSE, ("lag_s",)),
        hrfchoice=("<tables>/hrfchoice.tsv", "hemodynamics.grid_search.nested_search", nulls.HRFCHOICE),
        pairing=("<tables>/pairing.tsv", "nulls.group.cross_pairing", nulls.PAIRING),
        significance=("<tables>/significance.tsv", "nulls.group.GroupNull", nulls.SIGNIFICANCE),
        reliability=("<tables>/reliability.tsv", "networks.reliability.split_half", nulls.RELIABILITY),
    ),
    *made_by(
        "variance",
        animals=("<tables>/animals.tsv", "stats.animals.summary", nulls.ANIMALS),
        noise=("<tables>/noise.tsv", "stats.noise_ceiling.noise_ceiling", study.NOISE),
        noise_curve=(
            "<tables>/noise_curve.tsv",
            "stats.noise_ceiling.noise_curve",
            study.NOISE_CURVE,
            ("n_points", "cnr"),
        ),
        yardstick=("<tables>/yardstick.tsv", "pipeline.group.published.yardstick", study.YARDSTICK),
        headline=("<tables>/headline.tsv", "pipeline.group.headline.headline", study.HEADLINE),
        flow=("<tables>/flow.tsv", "pipeline.group.tables.flow", study.FLOW, ("step", "kind")),
        doubts=("<tables>/doubts.tsv", "pipeline.group.doubts.doubts", study.DOUBTS, ("doubt",)),
        excluded=(
            "<results>/{variant}/excluded.tsv",
            "pipeline.group.tables.excluded",
            study.EXCLUDED,
            ("first_volume",),
        ),
    ),
    *made_by(
        "rest_evoked",
        made="evoked",
        table=("<tables>/rest_evoked.tsv", "pipeline.evoked_group.rest_evoked", evoked.REST_EVOKED),
    ),
)
OF_RESULTS = (
    *made_by(
        "dataset",
        description=("<results>/{variant}/dataset_description.json",),
        readme=("<results>/{variant}/README",),
        ignore=("<results>/{variant}/.bidsignore",),
    ),
    *made_by(
        "provenance",
        description=("<results>/dataset_description.json",),
        config=("<results>/config.resolved.yaml",),
        readme=("<results>/README",),
        ignore=("<results>/.bidsignore",),
    ),
    *made_by(
        "specification",
        curve=("<results>/specification.tsv", "results.specification.curve"),
        choices=("<results>/specification_choices.tsv", "results.specification.effects"),
    ),
    *made_by(
        "report",
        report=("<results>/report.html", "report.page.build"),
    ),
)
OUTPUTS = (*OF_RUNS, *OF_SCANS, *OF_GROUPS, *OF_STUDY, *OF_RESULTS)
EVERYTHING = (*OUTPUTS, *FIGURES)
# The tables in `group/`, by name.
GROUP = {output.path.rpartition("/")[2].removesuffix(".tsv"): output for output in OF_STUDY}


@cache
def of_path(path: str) -> Output | None:
    """The record of a file, or of a path whose labels stand in braces; None for what is not listed."""
    return next((output for output in EVERYTHING if output.pattern.fullmatch(str(path))), None)


def of_rule(rule: str) -> dict[str, Output]:
    """What a rule makes, by name."""
    return {output.name: output for output in EVERYTHING if output.rule == rule}


def tables(made: str | None = None) -> list[str]:
    """Names of the tables of the whole study; of those alone that are made always, with surrogates, or of stimuli."""
    return [name for name, output in GROUP.items() if made in (None, output.made)]


def bidsignore() -> str:
    """What BIDS has no names for in the folder of a variant, a dataset of its own."""
    ends = {}  # in the order of the records
    for output in (*OF_SCANS, *OF_RUNS):
        stem, _, suffix = output.path.rpartition("_")[2].partition(".")
        if stem not in BIDS_SUFFIXES:
            ends[f"*_{stem}.{'json' if suffix == 'json' else '*'}"] = None
    return "\n".join(["group", "figures", "sub-*/ses-*/figures", "excluded.*", *ends]) + "\n"
