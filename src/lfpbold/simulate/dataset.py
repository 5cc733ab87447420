"""The plan of a dataset and the files that describe it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from .atlas import Atlas
from .files import write_json, write_table
from .presets import REST, Parameters, condition
from .stimulus import Train

LOCATIONS = {"M1": "left primary motor cortex", "ACC": "right anterior cingulate cortex"}


@dataclass(frozen=True)
class Run:
    """One fMRI run with all electrodes that recorded during it."""

    sub: str
    ses: str
    run: str
    state: str
    sites: tuple
    jump: bool
    untriggered: tuple  # sites without triggers
    key: tuple  # place in the dataset; names the run's stream of random numbers
    task: str  # label: rest, or that of the stimulation

    @property
    def bold(self) -> str:
        """Path of the images within the dataset."""
        stem = f"sub-{self.sub}_ses-{self.ses}_task-{self.task}_run-{self.run}_bold.nii.gz"
        return f"sub-{self.sub}/ses-{self.ses}/func/{stem}"

    @property
    def evoked(self) -> bool:
        """Whether the animal is stimulated."""
        return self.task != REST

    @property
    def condition(self) -> str:
        """State and task in one word; the state alone at rest."""
        return condition(self.state, self.task)

    @property
    def events(self) -> str:
        """Path of the table of blocks within the dataset; empty at rest."""
        return self.bold.replace("_bold.nii.gz", "_events.tsv") if self.evoked else ""

    def lfp(self, site: str) -> str:
        """Path of one site's LFP within the dataset (entities in the order that BIDS asks for)."""
        stem = f"sub-{self.sub}_ses-{self.ses}_task-{self.task}_acq-{site}_run-{self.run}_ieeg.nwb"
        return f"sub-{self.sub}/ses-{self.ses}/ieeg/{stem}"

    def truth(self, site: str, what: str) -> str:
        """Path of a truth file; `site` may be empty."""
        acq = f"_acq-{site}" if site else ""
        return f"truth/sub-{self.sub}_ses-{self.ses}_task-{self.task}{acq}_run-{self.run}_{what}"


def plan(p: Parameters) -> list[Run]:
    """All runs of a dataset, in order."""
    runs = range(p.runs + p.evoked_runs)
    keys = [(a, s, r) for a in range(len(p.animal_sites)) for s in range(len(p.states)) for r in runs]
    sedated = [k for k in keys if p.states[k[1]] not in p.spikes]
    jumping = sedated[len(sedated) - p.jumps :] if p.jumps else []
    recordings = [(k, site) for k in keys for site in p.animal_sites[k[0]]]
    # the last recordings of the list lack triggers, but not those of a run that is dropped anyway
    candidates = [r for r in recordings if r[0] not in jumping]
    silent = candidates[len(candidates) - p.untriggered :] if p.untriggered else []
    return [
        Run(
            f"{k[0] + 1:02d}", f"{k[1] + 1:02d}", f"{k[2] + 1 if k[2] < p.runs else k[2] - p.runs + 1}",
            p.states[k[1]], tuple(p.animal_sites[k[0]]), k in jumping,
            tuple(site for key, site in silent if key == k), k, REST if k[2] < p.runs else p.task,
        )
        for k in keys
    ]  # fmt: skip


def write_description(folder: Path, p: Parameters) -> None:
    """dataset_description.json, participants, README and .bidsignore."""
    write_json(folder / "dataset_description.json", {
        "Name": "Simulated simultaneous LFP and resting-state fMRI of the rat", "BIDSVersion": "1.9.0",
        "DatasetType": "raw", "License": "CC0", "GeneratedBy": [{"Name": "lfpbold simulate"}],
    })  # fmt: skip
    rows = [[f"sub-{a + 1:02d}", "rattus norvegicus", "M", ",".join(s)] for a, s in enumerate(p.animal_sites)]
    write_table(folder / "participants.tsv", ["participant_id", "species", "sex", "electrode_sites"], rows)
    write_json(folder / "participants.json", {
        "species": {"Description": "Binomial species name"}, "sex": {"Description": "M male, F female"},
        "electrode_sites": {"Description": "Sites of the electrodes, separated by commas"},
    })  # fmt: skip
    (folder / ".bidsignore").write_text(
        "atlas\ntruth\ntruth.json\nrecordings.tsv\nconfig.yaml\nresults\n", encoding="utf-8"
    )
    (folder / "README").write_text(
        "Simulated recordings whose truth is known (lfpbold simulate).\n\n"
        "recordings.tsv   one row per electrode site and run\n"
        "config.yaml      settings of the analysis that differ from the defaults\n"
        "atlas/           regions, masks and anatomy on the grid of the images\n"
        "truth.json       what a perfect analysis finds; clocks, motion, parameters\n"
        "truth/           clean LFP (1 kHz, uV, from scan start, on the LFP clock)\n"
        "                 lfpwithextras: the same with drift, body and movements, where there are any\n"
        "                 timeseries: the seed's clean BOLD, bands behind the response, and mean power of each volume\n"
        "                 motion (mm, rad about the right, front and up axes: a point x at rest is found\n"
        "                 at R x + t from the image centre, R = Rz Ry Rx)\n"
        "                 hrf_delay_s: how late each voxel's response is, where responses are unequal\n"
        "                 covariance of the regions, expected seed maps without noise\n"
        "                 averaged maps of a perfect analysis per state and site: seed, delta ... gamma\n",
        encoding="utf-8",
    )


def write_events(path: Path, train: Train, p: Parameters) -> None:
    """events.tsv of one run: onsets in s after the first volume, as BIDS counts them."""
    rows = [[f"{onset:.3f}", f"{train.duration_s:g}", p.trial_type] for onset in train.onsets_s]
    write_table(path, ["onset", "duration", "trial_type"], rows)
    write_json(path.with_suffix(".json"), {
        "onset": {"Description": "Start of the block after the start of the first volume", "Units": "s"},
        "duration": {"Description": "Length of the block", "Units": "s"},
        "trial_type": {"Description": "Condition", "Levels": {p.trial_type: "A block of stimulation"}},
    })  # fmt: skip


def write_scans(folder: Path, rows: list[dict]) -> None:
    """scans.tsv of each session: the state of each run, and where its LFP has no triggers the start of the scan."""
    sessions: dict[tuple, dict] = {}
    for row in rows:
        listed = sessions.setdefault((row["sub"], row["ses"]), {})
        for name, start in (("bold", ""), ("lfp", row["scan_start_s"])):
            listed["/".join(row[name].split("/")[-2:])] = [row["state"], start or "n/a"]
    for (sub, ses), listed in sessions.items():
        path = folder / f"sub-{sub}" / f"ses-{ses}" / f"sub-{sub}_ses-{ses}_scans.tsv"
        write_table(path, ["filename", "state", "scan_start_s"], [[name, *cells] for name, cells in listed.items()])
        write_json(path.with_suffix(".json"), {
            "state": {"Description": "Condition of the animal"},
            "scan_start_s": {"Description": "Onset of the first volume on the LFP's clock", "Units": "s"},
        })  # fmt: skip


def write_electrodes(folder: Path, rows: list[dict], n_channels: int) -> None:
    """electrodes.tsv and coordsystem.json of each session; the simulation knows regions, not positions."""
    sites: dict[tuple, dict] = {}
    for row in rows:
        sites.setdefault((row["sub"], row["ses"]), {})[row["site"]] = None
    for (sub, ses), of_session in sites.items():
        stem = folder / f"sub-{sub}" / f"ses-{ses}" / "ieeg" / f"sub-{sub}_ses-{ses}"
        contacts = [[f"{site}_{i + 1:02d}", *["n/a"] * 4, site] for site in of_session for i in range(n_channels)]
        write_table(Path(f"{stem}_electrodes.tsv"), ["name", "x", "y", "z", "size", "group"], contacts)
        write_json(Path(f"{stem}_coordsystem.json"), {
            "iEEGCoordinateSystem": "Other", "iEEGCoordinateUnits": "n/a",
            "iEEGCoordinateSystemDescription": "Contacts lie in the region that their site names; see atlas/",
        })  # fmt: skip


def write_config(folder: Path, p: Parameters, atlas: Atlas, atlas_files: dict, regions: dict) -> None:
    """config.yaml: what the analysis needs to know of this dataset; paths relative to it."""
    rules = {
        True: {"fd_mm": p.fd_mm, "on_motion": "drop_volumes", "neighbours": 1, "max_dropped_fraction": 0.25},
        False: {"fd_mm": p.fd_mm, "on_motion": "drop_scan"},
    }
    config = {
        "recordings": "recordings.tsv",
        "atlas": {key: f"atlas/{name}" for key, name in atlas_files.items()},
        "sites": {site: {"seed_label": [int(atlas.index[r])]} for site, r in regions.items()},
        "states": {state: dict(rules[state in p.spikes]) for state in p.states},
        "hrf": {"p": [int(x) if float(x).is_integer() else float(x) for x in p.hrf_p]},
    }
    text = yaml.safe_dump(config, sort_keys=False, default_flow_style=None, width=110)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
