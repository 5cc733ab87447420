"""The stages of the pipeline: what each follows, what it reads, and whose files a variant may use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from . import schema
from .variants import variant

# Each stage, named as its rule, and those that it follows. What a stage reads is declared by each setting (`read_by` in
# the model). `seed`, the voxels around the electrode, is not a rule.
FOLLOWS = {
    # of a recording or of a run
    "artefact": (),
    "power": ("artefact",),
    "motion": (),
    "bold": ("motion",),
    "hrf": ("power",),
    "seed": ("motion",),
    "coupling": ("hrf", "bold", "seed"),
    "networks": ("hrf", "bold", "seed"),
    "nulls": ("hrf", "bold", "seed"),
    "glm": ("hrf", "bold"),  # this and the next of runs with stimuli alone
    "evoked": ("glm", "seed"),
    "figures_recording": ("artefact", "motion"),
    # of a state and site, or of all
    "average": ("coupling", "networks"),
    "connectivity": ("networks",),
    "mediation": ("coupling", "networks", "nulls"),
    "explained": ("coupling", "networks", "nulls"),
    "evoked_average": ("evoked", "networks"),
    "variance": ("average", "connectivity", "mediation", "explained"),
    "rest_evoked": ("variance", "evoked_average"),
    "figures_group": ("average", "connectivity"),
    "figures_study": ("variance",),
    "figures_evoked": ("evoked_average",),
    "figures_rest_evoked": ("rest_evoked",),
    "report": ("figures_recording", "figures_group", "figures_study", "figures_evoked", "figures_rest_evoked"),
}
STAGES = tuple(FOLLOWS)
# Tables whose order has no meaning: no job reruns where only it changes. That of `bands` is the order of columns.
UNORDERED = {"sites", "states"}


def upstream(stage: str) -> list[str]:
    """The stages that `stage` rests on, itself last, in the order of the pipeline."""
    if stage not in FOLLOWS:
        raise KeyError(f"there is no stage `{stage}`; stages are {', '.join(STAGES)}")
    needed = {stage}
    for name in reversed(STAGES):
        if name in needed:
            needed.update(FOLLOWS[name])
    return [name for name in STAGES if name in needed]


def stage_settings(settings: dict, stage: str) -> dict:
    """What one stage itself reads, and nothing else, by section."""
    read: dict = {}
    for section, key, condition in schema.read_by().get(stage, ()):
        if any(_value(settings, name) not in values for name, values in (condition or {}).items()):
            continue
        if key:
            read.setdefault(section, {})[key] = settings[section][key]
        else:
            read[section] = settings[section]
    for name in UNORDERED & read.keys():
        read[name] = dict(sorted(read[name].items()))
    return read


def _value(settings: dict, name: str):
    section, _, key = name.partition(".")
    return settings[section][key]


def with_upstream(settings: dict, stages: str | Iterable[str]) -> dict:
    """What a stage, or several, and all that they rest on read, by section: Snakemake reruns a job when it changes.

    Examples
    --------
    >>> from lfpbold.study import settings
    >>> defaults = {name: settings.defaults(name) for name in ("input", "artefact", "bands", "power")}
    >>> list(with_upstream(defaults, "power"))
    ['input', 'artefact', 'bands', 'power']
    """
    names = [stages] if isinstance(stages, str) else list(stages)
    needed = {name for stage in names for name in upstream(stage)}
    read: dict = {}
    for stage in (name for name in STAGES if name in needed):
        for section, content in stage_settings(settings, stage).items():
            part = isinstance(content, dict) and section in read
            read[section] = {**read[section], **content} if part else content
    return read


def band_names(settings: dict) -> list[str]:
    """The bands that tables and figures show by name: those of the config, and multi-unit activity where it is on."""
    return [*settings["bands"], *(["multiunit"] if settings["artefact"]["multiunit_hz"] else [])]


def owners(settings: dict) -> dict[tuple[str, str], str]:
    """Whose files each variant uses for each stage.

    Returns
    -------
    owners : dict of (variant, stage) to variant
        The first variant (`reference` before all others) that agrees up to and including the stage. Its files serve
        all: a variant recomputes the first stage that it changes and what follows. One pass over the variants: the
        digest of a stage is that of what it reads and of the digests that it follows.
    """
    owner_of: dict[tuple[str, str], str] = {}
    first: dict[str, str] = {}
    # `reference` comes first wherever it stands, so that a variant written above it does not own its files.
    for name in sorted(settings["variants"], key=lambda other: other != "reference"):
        complete = variant(settings, name)
        digests: dict[str, str] = {}
        for stage, followed in FOLLOWS.items():
            before = [digests[other] for other in followed]
            digests[stage] = digest([stage, before, whole_numbers_as_integers(stage_settings(complete, stage))])
            owner_of[name, stage] = first.setdefault(digests[stage], name)
    return owner_of


def owner(settings: dict, name: str, stage: str) -> str:
    """The variant whose files of a stage serve the variant `name`; of many variants, ask `owners` once."""
    return owners(settings)[name, stage]


def whole_numbers_as_integers(content):
    """The same content, in which 1.0 is 1: they are one setting."""
    if isinstance(content, dict):
        return {key: whole_numbers_as_integers(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [whole_numbers_as_integers(value) for value in content]
    return int(content) if isinstance(content, float) and content.is_integer() else content


def digest(content) -> str:
    """Twelve hexadecimal digits that change with any setting."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]
