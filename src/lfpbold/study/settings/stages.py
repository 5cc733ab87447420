"""The stretches of the road: what each reads, what it follows, and whose files a variant may use."""

from __future__ import annotations

import hashlib
import json

from .variants import variant

# Each stretch of the road: the sections, or single settings of them, that it reads, and the stretches that it follows.
SECTIONS = {
    "artefact": ("input", "artefact"),
    "power": ("bands", "power"),
    "motion": ("input", "atlas", "motion", "states"),
    "bold": ("bold",),
    "hrf": ("hrf",),
    "seed": ("sites", "coupling.seed_radius_mm"),  # not a rule: the voxels around the electrode
    "coupling": ("coupling", "seed"),
    "networks": ("networks", "connectivity.regions"),
    "connectivity": ("connectivity", "seed"),
    "nulls": ("nulls", "coupling.lag_max_s", "seed"),
    "evoked": ("evoked", "seed"),  # of runs with stimuli alone
    "variance": ("variance", "select"),
    "figures_recording": (),
    "report": (),
}
FOLLOWS = {
    "artefact": (),
    "power": ("artefact",),
    "motion": (),
    "bold": ("motion",),
    "hrf": ("power",),
    "seed": ("motion",),
    "coupling": ("hrf", "bold", "seed"),
    "networks": ("hrf", "bold", "seed"),
    "connectivity": ("networks",),
    "nulls": ("hrf", "bold", "seed"),
    "evoked": ("hrf", "bold", "seed"),
    "variance": ("coupling", "connectivity", "nulls"),
    "figures_recording": ("artefact", "motion"),
    "report": ("variance", "evoked", "figures_recording"),
}
# Tables whose order says nothing: no job runs again where it alone changes. That of `bands` is the order of columns.
UNORDERED = {"sites", "states"}


def upstream(stretch: str) -> list[str]:
    """The stretches that `stretch` rests on, itself last, in the order of the road."""
    needed = {stretch}
    for name in reversed(SECTIONS):
        if name in needed:
            needed.update(FOLLOWS[name])
    return [name for name in SECTIONS if name in needed]


def stretch_settings(settings: dict, stretch: str) -> dict:
    """What one stretch reads, and nothing else: Snakemake reruns a job when this changes."""
    found: dict = {}
    for name in SECTIONS[stretch]:
        section, _, key = name.partition(".")
        if key:
            found.setdefault(section, {})[key] = settings[section][key]
        else:
            found[section] = settings[section]
    for name in UNORDERED & found.keys():
        found[name] = dict(sorted(found[name].items()))
    if stretch == "hrf" and settings["hrf"]["band_pass"] != "none":
        found["bold"] = settings["bold"]  # then, and only then, the regressors are filtered like the BOLD
    if stretch == "coupling":
        found["main_band"] = settings["networks"]["main_band"]  # shuffled, and searched for its best HRF
    return found


def together(settings: dict, stretches) -> dict:
    """What several stretches read, as one dictionary of sections."""
    found: dict = {}
    for stretch in stretches:
        for name, content in stretch_settings(settings, stretch).items():
            before = found.get(name)
            both = isinstance(before, dict) and isinstance(content, dict)
            found[name] = {**before, **content} if both else content
    return found


def band_names(settings: dict) -> list[str]:
    """The bands that tables and figures show by name: those of the config, and multi-unit activity where it is on."""
    return [*settings["bands"], *(["multiunit"] if settings["artefact"]["multiunit_hz"] else [])]


def owners(settings: dict) -> dict[tuple[str, str], str]:
    """Whose files each variant uses for each stretch.

    Returns
    -------
    owners : dict of (variant, stretch) to variant
        The first variant (`reference` before all others) that agrees up to and including the stretch. Its files serve
        all: a variant recomputes the first stretch that it changes and what follows. One pass over the variants: the
        digest of a stretch is that of what it reads and of the digests that it follows.
    """
    found, first = {}, {}
    # `reference` comes first wherever it stands, so that a variant written above it takes nothing from it.
    for name in sorted(settings["variants"], key=lambda other: other != "reference"):
        complete, digests = variant(settings, name), {}
        for stretch in SECTIONS:
            before = [digests[other] for other in FOLLOWS[stretch]]
            digests[stretch] = digest([stretch, before, _as_equal(stretch_settings(complete, stretch))])
            found[name, stretch] = first.setdefault(digests[stretch], name)
    return found


def owner(settings: dict, name: str, stretch: str) -> str:
    """The variant whose files of a stretch serve the variant `name`; of many variants, ask `owners` once."""
    return owners(settings)[name, stretch]


def _as_equal(content):
    """The same content with whole numbers as integers: 1 and 1.0 are one setting."""
    if isinstance(content, dict):
        return {key: _as_equal(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_as_equal(value) for value in content]
    return int(content) if isinstance(content, float) and content.is_integer() else content


def digest(content) -> str:
    """Twelve hexadecimal digits that change with any setting."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]
