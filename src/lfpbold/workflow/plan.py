"""What the Snakefile asks about the study: rows by label, owners of shared files, settings of a stage."""

from __future__ import annotations

from pathlib import Path

from ..derivatives import layout
from ..errors import InputError
from ..recordings import fingerprint
from ..recordings.companions import files_of, parts_of
from ..study import selection
from ..study import settings as config
from ..study.settings import digest
from ..study.sheet import REST

# Columns that jobs read: of a run, which several sites may share, and of a recording besides.
RUN_COLUMNS = ("sub", "ses", "run", "state", "bold", "input", "where")
EVOKED_COLUMNS = ("task", "own_state", "events")  # of runs that are not at rest
RECORDING_COLUMNS = (*RUN_COLUMNS, "site", "lfp", "channels", "scan_start_s")
LFP_INPUT = ("lfp_", "trigger", "extra_triggers")  # starts of keys of `input` that say nothing about the BOLD


class Plan:
    """The rows that are analysed, and which variant's files serve which variant.

    Parameters
    ----------
    settings : dict
        Resolved configuration.
    rows : list of dict
        Of the sheet, excluded ones among them.

    Attributes
    ----------
    variants : list of str
    drawn : list of str
        Variants that have figures: all but the combinations of grids, which are tables and points of one curve.
    rows, groups : list
        Rows that any variant analyses, and their states and sites; of one variant by `rows_of` and `groups_of`.
    left_out : list of dict
        The other rows, with the reason under `exclude`.
    results : str
        Folder of the results.

    Raises
    ------
    InputError
        Where nothing is left to analyse, or a selection names what the sheet does not hold.
    """

    def __init__(self, settings: dict, rows: list[dict]):
        self.variants = list(settings["variants"])
        chosen = config.choices(settings)
        # Where a config holds grids alone, the first combination shows what all are made of.
        self.drawn = [name for name in self.variants if name not in chosen] or self.variants[:1]
        if all(row["exclude"] for row in rows):
            raise InputError(f"{settings['recordings']}: every row is excluded; nothing is left to analyse")
        self._settings, self.results = settings, settings["results"]
        self._complete = {name: config.variant(settings, name) for name in self.variants}
        self._owners = config.owners(settings)
        self._listed = selection.rows_by_variant(rows, self._complete)
        self._rows = {name: [row for row in found if not row["exclude"]] for name, found in self._listed.items()}
        marked = selection.mark_excluded(rows, settings)
        self.rows = [row for row in marked if not row["exclude"]]
        self.left_out = [row for row in marked if row["exclude"]]
        self._by_recording = {(*_run_of(r), r["site"]): r for r in self.rows}
        self._by_run: dict = {}
        for row in self.rows:
            self._by_run.setdefault(_run_of(row), row)
        self.groups = _groups(self.rows)
        self._groups = {name: _groups(found) for name, found in self._rows.items()}

    def rows_of(self, variant: str) -> list[dict]:
        """The rows that a variant's group rests on."""
        return self._rows[variant]

    def groups_of(self, variant: str) -> list[tuple[str, str]]:
        """State and site of every group of a variant."""
        return self._groups[variant]

    def listed(self, variant: str) -> list[dict]:
        """The whole sheet as one variant sees it: rows that it leaves out hold the reason under `exclude`."""
        return self._listed[variant]

    def owner(self, variant: str, stage: str) -> str:
        """The variant in whose folder the files of this stage are found."""
        return self._owners[variant, stage]

    def owners(self, stage: str) -> list[str]:
        """The variants whose folders hold files of this stage."""
        return list(dict.fromkeys(self._owners[name, stage] for name in self.variants))

    def settings(self, variant: str, stages) -> dict:
        """What a stage (its name), or several, and all that they rest on read, by section."""
        return config.with_upstream(self._complete[variant], stages)

    def complete(self, variant: str) -> dict:
        """All settings of a variant, without the definitions of the variants."""
        return {k: v for k, v in self._complete[variant].items() if k != "variants"}

    def count(self) -> str:
        """How many variants and recordings there are, in one line."""
        return f"{config.count(self._settings)}; {len(self.rows)} recordings"

    def asks(self, variant: str, section: str) -> bool:
        """Whether a variant's settings ask for surrogates in this section."""
        return self._complete[variant][section]["surrogates"] > 0

    def atlas(self, variant: str, names) -> list[str]:
        """Files of the atlas by these names, as far as the config names any; `seeds` are the sites' own masks."""
        settings = self._complete[variant]
        seeds = [site["seed_mask"] for site in settings["sites"].values() if "seed_mask" in site]
        named = [settings["atlas"][name] for name in names if settings["atlas"].get(name)] + ("seeds" in names) * seeds
        beside = [str(part) for path in named for part in parts_of(Path(path)) if part.is_file()]  # `.img` of a `.hdr`
        return list(dict.fromkeys([*named, *beside]))

    def row(self, wildcards) -> dict:
        """The row of a recording (with a site) or of a run (its first site)."""
        labels = dict(wildcards.items())
        key = _run_of(labels)
        recording = "site" in labels
        found = self._by_recording.get((*key, labels["site"])) if recording else self._by_run.get(key)
        if found is None:
            raise InputError(f"the sheet has no row for {' '.join(f'{k}-{v}' for k, v in wildcards.items())}")
        return found

    def of_variant(self, path: str):
        """Input function: an output of an earlier rule, from the variant that computed it for this one."""
        stage = layout.of_path(path).stage
        return lambda wildcards: path.format(**{**wildcards, "variant": self.owner(wildcards["variant"], stage)})

    def each(self, path: str):
        """Input function: an output of each recording (or run) of the variant's state, site, animal or session."""
        stage = layout.of_path(path).stage
        return lambda wildcards: self.expand(path, wildcards, stage)

    def of_groups(self, path: str):
        """Input function: an output of each state and site that a variant holds."""
        return lambda wildcards: self.expand_groups(path, [wildcards["variant"]])

    def where_asked(self, path: str):
        """Input function: as `each` or `of_groups`, in variants that ask for surrogates; nothing in the others."""
        of_all = self.each(path) if "{sub}" in path else self.of_groups(path)
        return lambda wildcards: of_all(wildcards) if self.asks(wildcards["variant"], "nulls") else []

    def expand(self, path: str, wildcards, stage: str) -> list[str]:
        """`path` for every recording (or run); of one state, site, animal or session where these are given."""
        variant = self.owner(wildcards["variant"], stage)
        wanted = {k: v for k, v in wildcards.items() if k in ("state", "site", "sub", "ses")}
        rows = [row for row in self.rows_of(wildcards["variant"]) if all(row[k] == v for k, v in wanted.items())]
        return list(dict.fromkeys(path.format(**{**row, "variant": variant}) for row in rows))

    def all_variants(self, path: str, variants=None) -> list[str]:
        """Input: an output of every recording of these variants (all, without them), each file once."""
        return self.expand_all(path, layout.of_path(path).stage, variants)

    def expand_all(self, path: str, stage: str, variants=None) -> list[str]:
        """`path` for every recording of these variants (all, without them), each file once."""
        names = self.variants if variants is None else variants
        of_owners: dict = {}  # the selections of all variants that share files
        for name in names:
            rows = of_owners.setdefault(self.owner(name, stage), {})
            rows.update((id(row), row) for row in self.rows_of(name))
        return list(
            dict.fromkeys(
                path.format(**{**row, "variant": name}) for name, rows in of_owners.items() for row in rows.values()
            )
        )

    def expand_groups(self, path: str, variants, *, evoked: bool = False) -> list[str]:
        """`path` for every state and site of these variants, or for those with stimuli alone."""
        groups = self.evoked_groups_of if evoked else self.groups_of
        return [path.format(variant=name, state=state, site=site) for name in variants for state, site in groups(name)]

    def evoked_groups_of(self, variant: str) -> list[tuple[str, str]]:
        """State and site of every group of a variant whose runs have stimuli."""
        return _groups([row for row in self.rows_of(variant) if row["events"]])

    def evoked_variants(self, variants) -> list[str]:
        """Those of these variants that analyse runs with stimuli."""
        return [name for name in variants if self.evoked_groups_of(name)]

    def rest_and_evoked(self, variant: str) -> list[dict]:
        """Every group with stimuli, `evoked`, with the state that it has at rest, `rest`, and its `site`."""
        own = {row["state"]: row["own_state"] for row in self.rows_of(variant) if row["events"]}
        return [{"rest": own[state], "evoked": state, "site": site} for state, site in self.evoked_groups_of(variant)]


def read_by_jobs(row: dict, recording: bool = True) -> dict:
    """The columns of a row that jobs of a recording read, or those of a run.

    A job must not run again when a date or a note is written beside it, nor that of a run when another site comes
    first.
    """
    evoked = EVOKED_COLUMNS if row["task"] != REST else ()
    if recording:
        return {name: row[name] for name in (*RECORDING_COLUMNS, *evoked)}
    found = {name: row[name] for name in (*RUN_COLUMNS, *evoked)}
    found["input"] = {key: value for key, value in row["input"].items() if not key.startswith(LFP_INPUT)}
    found["where"] = row["where"].removesuffix(f" site {row['site']}")
    return found


def companions(row: dict, columns) -> list[str]:
    """Files that are opened beside those that a row names in these columns, as far as Snakemake can name them."""
    beside = [str(file) for name in columns for file in _opened(row, name) if file.is_file()]
    named = {row[name] for name in columns}
    return [file for file in dict.fromkeys(beside) if file not in named and not set(file) & set("<>{}")]


def raw_state(row: dict, columns) -> str:
    """Digest of the files that a row names in these columns, and of all that is opened beside them."""
    return digest([fingerprint.state_of(row[name], _opened(row, name)) for name in columns])


def _opened(row: dict, column: str) -> list[Path]:
    """Every file that is opened for what a row names; of one that cannot be read, itself alone: its job says why."""
    path = Path(row[column])
    try:
        return [path] if column == "events" else files_of(path)
    except OSError:
        return [path]


def _run_of(labels: dict) -> tuple:
    """What names a run, of a row or of wildcards."""
    return labels["sub"], labels["ses"], labels["task"], labels["run"]


def _groups(rows: list[dict]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["state"], row["site"]) for row in rows))
