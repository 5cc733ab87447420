"""Every figure, one record each: its panels of the published study, what it shows, and what is behind it.

The name of a figure is that of its function in `lfpbold.figures`, the `desc-` label of its files, the anchor in the
report, and the key of its caption. The order is that of the report. `panels_page` writes docs/panels.md from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from .output import Output

PATHS = {  # of the figures of each rule
    "figures_group": "<group_figures>_desc-{}.svg",
    "figures_evoked": "<group_figures>_desc-{}.svg",
    "figures_study": "<figures>/desc-{}.svg",
    "figures_rest_evoked": "<figures>/desc-{}.svg",
    "figures_recording": "<scan_figures>_desc-{}_figure.svg",
}


@dataclass(frozen=True)
class Panel:
    """What a figure shows of the study of Tu, Cramer & Zhang 2024 (`numbers`), or beyond it (none).

    `functions` (one or more, with a space between) computed it and `rules` ran them; `variant` and `state` are named
    where one alone shows it.
    """

    numbers: str
    shows: str
    functions: str = ""
    rules: str = ""
    variant: str = ""
    state: str = ""


@dataclass(frozen=True)
class Figure(Output):
    """A figure; `path` is that of the SVG, beside which a PNG and a sidecar stand.

    `tables` (of the folder `group`) and `files` hold its numbers.
    """

    panels: tuple = ()
    tables: tuple = ()
    files: tuple = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Full paths of the SVG, the sidecar and the PNG."""
        return *super().paths, self.full_path.replace(".svg", ".png")

    @property
    def numbers(self) -> str:
        """The panels of the published study that it reproduces: `1B 1C`."""
        return " ".join(p.numbers for p in self.panels if not p.variant and p.numbers)


def figure(rule: str, name: str, *panels: Panel, tables: str = "", files: str = "", made: str = "always") -> Figure:
    """The record of a figure; its path and its function follow from the rule and the name."""
    shown = {"panels": panels, "tables": tuple(tables.split()), "files": tuple(files.split())}
    return Figure(rule, name, PATHS[rule].format(name), f"figures.{name}", made=made, **shown)


FIGURES = (
    figure(
        "figures_group",
        "lags",
        Panel(
            "1B 1C", "lag × frequency correlation, and per band with SEM", "coupling.correlation.lagged_r", "coupling"
        ),
        tables="lags significance",
    ),
    figure(
        "figures_group",
        "regressors",
        Panel(
            "1D", "band powers and their HRF-convolved regressors, one example scan", "hemodynamics.hrf.convolve", "hrf"
        ),
        files="<lfp>_desc-hrf_timeseries.tsv",
    ),
    figure(
        "figures_group",
        "maps",
        Panel("1E 1F 2A 2B", "LFP maps per band and seed map, every site", "coupling.correlation.correlate", "average"),
        Panel(
            "1-s3 2-s2",
            "maps without global signal regression: variant `no_gsr`",
            "coupling.correlation.correlate",
            "bold",
            variant="no_gsr",
        ),
        Panel("1-s4 2-s3", "maps of the awake animals", "coupling.correlation.correlate", "average", state="awake"),
        tables="spatial_group",
    ),
    figure(
        "figures_group",
        "scatter",
        Panel(
            "1G–K 2C–G",
            "voxel-to-voxel scatter, LFP map against seed map, per band",
            "networks.maps.spatial_r",
            "average",
        ),
        Panel(
            "1-s3 2-s2",
            "scatter without global signal regression: variant `no_gsr`",
            "networks.maps.spatial_r",
            "bold",
            variant="no_gsr",
        ),
        Panel("1-s4 2-s3", "scatter of the awake animals", "networks.maps.spatial_r", "average", state="awake"),
        tables="spatial_group",
    ),
    figure(
        "figures_group",
        "sweep",
        Panel("1L 2H", "spatial r of every 1-Hz bin", "spectral.power.one_hz_bands", "variance"),
        Panel(
            "1-s3 2-s2",
            "1-Hz sweep without global signal regression: variant `no_gsr`",
            "spectral.power.one_hz_bands",
            "bold",
            variant="no_gsr",
        ),
        Panel("1-s4 2-s3", "1-Hz sweep of the awake animals", "spectral.power.one_hz_bands", "average", state="awake"),
        tables="spatial spatial_group temporal significance",
    ),
    figure(
        "figures_group",
        "spectrogram",
        Panel(
            "1-s2",
            "LFP spectrogram of a scan and a 20 s close-up, before and after artefact removal",
            "spectral.power.spectra_at",
            "artefact",
        ),
        files="<lfp>_desc-spectrogram_qc.json",
    ),
    figure(
        "figures_group",
        "shuffled",
        Panel("2-s1", "map of the main band's power in random order", "coupling.correlation.correlate", "coupling"),
        tables="temporal spatial spatial_group",
    ),
    figure(
        "figures_group",
        "paired",
        Panel(
            "3A 3B 3-s2",
            "scan-wise spatial against temporal r, paired, per band; any state",
            "stats.tests.t_test",
            "variance",
        ),
        Panel(
            "3-s3",
            "3A 3B with Spearman and with Fisher z: second and third row of the figure",
            "stats.tests.fisher_z",
            "variance",
        ),
        tables="paired ttests",
    ),
    figure(
        "figures_group",
        "hrfgrid",
        Panel(
            "3-s1",
            "temporal r over the HRF parameter grid, degenerate cells marked",
            "hemodynamics.hrf.delay_grid",
            "coupling",
        ),
        tables="hrfgrid",
    ),
    figure(
        "figures_group",
        "removal",
        Panel(
            "4A–C 5A–C", "seed maps after removing gamma, and all bands", "networks.maps.maps_without_lfp", "networks"
        ),
        Panel(
            "4F 5E 4-s1",
            "similarity of seed maps before and after each removal; any state",
            "networks.maps.spatial_r networks.maps.slope",
            "networks",
        ),
        tables="regression",
    ),
    figure(
        "figures_group",
        "peaks",
        Panel(
            "4D 4E 5D", "peaks of the main band, and the seed map without them", "networks.maps.below_peaks", "networks"
        ),
        tables="regression",
    ),
    figure(
        "figures_group",
        "information",
        Panel(
            "5-s1",
            "mutual information maps; estimator and bins under the figure",
            "coupling.information.mutual_information coupling.information.shifted_baseline",
            "coupling",
        ),
        tables="information",
    ),
    figure(
        "figures_group",
        "connectivity",
        Panel(
            "",
            "region × region matrices with and without the main band, and the closed-form expectation under mediation",
            "networks.connectivity.matrix_without_lfp",
            "connectivity",
        ),
        tables="connectivity",
        files="<group>_desc-connectivity_relmat.tsv",
    ),
    figure(
        "figures_group",
        "network_peaks",
        Panel(
            "",
            "where each animal's network peaks within a target, in mm, from split halves",
            "networks.peaks.split_halves",
            "connectivity",
        ),
        tables="network_peaks",
    ),
    figure(
        "figures_group",
        "components",
        Panel(
            "",
            "networks by group ICA, where `connectivity.components` asks for them",
            "networks.ica.group_ica",
            "connectivity",
        ),
        tables="components",
    ),
    figure(
        "figures_study",
        "headline",
        Panel(
            "",
            "the answer: variance explained in time and in space",
            "stats.tests.mean_r networks.averages.averaged_map_similarity",
            "variance",
        ),
        tables="headline",
    ),
    figure(
        "figures_study",
        "mediation",
        Panel(
            "",
            "averaged maps beside what mediation through the seed gives, in variants with surrogates",
            "nulls.mediation.group_mediation",
            "mediation nulls",
        ),
        made="surrogates",
        tables="mediation k cross_scan nulls",
    ),
    figure(
        "figures_study",
        "response",
        Panel(
            "",
            "response of BOLD to the main band's power, estimated from the data, in variants with surrogates",
            "hemodynamics.fir.fir",
            "explained",
        ),
        made="surrogates",
        tables="response",
    ),
    figure(
        "figures_study",
        "coherence",
        Panel(
            "",
            "coherence with the seed's BOLD beside its chance level, in variants with surrogates",
            "coupling.coherence.coherence",
            "nulls",
        ),
        made="surrogates",
        tables="coherence",
    ),
    figure(
        "figures_study",
        "windows",
        Panel(
            "",
            "change of the correlation over sliding windows, and what a constant one gives, in variants with"
            " surrogates",
            "coupling.coherence.sliding_window",
            "nulls",
        ),
        made="surrogates",
        tables="windows",
    ),
    figure(
        "figures_study",
        "yardstick",
        Panel(
            "", "published numbers beside those of these recordings", "pipeline.group.published.yardstick", "variance"
        ),
        tables="yardstick",
    ),
    figure(
        "figures_study",
        "states",
        Panel("", "one state against another, awake against sedated", "stats.tests.between_states", "variance"),
        tables="states paired",
    ),
    figure(
        "figures_study",
        "multiunit",
        Panel(
            "",
            "the LFP against spiking (300–3000 Hz), with the artefact's residue",
            "spectral.power.MultiunitFrames stats.tests.partial_r",
            "coupling",
        ),
        tables="multiunit",
    ),
    figure(
        "figures_study",
        "noise",
        Panel(
            "3C–G",
            "the CNR simulation, and what it makes of each site and state",
            "stats.noise_ceiling.noise_curve stats.noise_ceiling.noise_ceiling",
            "variance",
        ),
        tables="noise noise_curve reliability",
    ),
    figure(
        "figures_study",
        "bands",
        Panel(
            "", "temporal and spatial r of all bands, infraslow among them", "coupling.correlation.temporal", "variance"
        ),
        tables="temporal spatial spatial_group",
    ),
    figure(
        "figures_evoked",
        "glm",
        Panel(
            "",
            "response of the general linear model, clusters over animals, scans with a cluster of their own",
            "evoked.glm.fit evoked.clusters.group_clusters",
            "glm evoked_average",
        ),
        made="evoked",
        files="<group>_desc-clusters_statmap.tsv",
    ),
    figure(
        "figures_evoked",
        "evoked",
        Panel(
            "",
            "averages locked to the stimulus of BOLD, LFP and spiking, and which of them predicts BOLD",
            "evoked.averages.around_onsets coupling.prediction.all_bands",
            "evoked evoked_average",
        ),
        made="evoked",
        files="<group>_desc-evoked_timeseries.tsv <group>_desc-prediction_average.tsv",
    ),
    figure(
        "figures_rest_evoked",
        "rest_evoked",
        Panel(
            "",
            "temporal and spatial r at rest and with stimuli, per band, and what mediation gives",
            "pipeline.evoked_group.rest_evoked",
            "rest_evoked",
        ),
        made="evoked",
        tables="rest_evoked",
    ),
    figure(
        "figures_recording",
        "artefact",
        Panel("", "one channel before and after artefact removal, per recording", "", "artefact"),
        files="<lfp>_desc-artefact_qc.json",
    ),
    figure(
        "figures_recording",
        "motion",
        Panel("", "framewise displacement and motion of a run, per recording", "", "motion"),
        files="<run>_desc-confounds_timeseries.tsv",
    ),
)


def names(*rules: str, made: str = "") -> tuple[str, ...]:
    """Names of the figures of these rules, in the order of the report."""
    return tuple(f.name for f in FIGURES if f.rule in rules and made in ("", f.made))
