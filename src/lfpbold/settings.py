"""Resolves the configuration: defaults, the study's own file, variants, and the checks between its fields."""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
from pathlib import Path

import yaml

from .errors import InputError

# Tables keyed by names of the user's own: a study that names its sites does not also get ours.
TABLES = ("sites", "states", "bands", "variants")
PATHS = ("labels", "brain", "white_matter", "ventricles", "anatomy")

# Each stretch of the road: the sections that it reads, and the stretches that it follows.
SECTIONS = {
    "artefact": ("input", "artefact"),
    "power": ("bands", "power"),
    "motion": ("input", "atlas", "motion", "states"),
    "bold": ("bold",),
    "hrf": ("hrf",),
    "coupling": ("sites", "coupling", "seed"),
    "networks": ("networks",),
    "nulls": ("nulls",),
    "variance": ("variance",),
    "figures_recording": (),
    "report": (),
}
FOLLOWS = {
    "artefact": (),
    "power": ("artefact",),
    "motion": (),
    "bold": ("motion",),
    "hrf": ("power",),
    "coupling": ("hrf", "bold"),
    "networks": ("coupling",),
    "nulls": ("coupling",),
    "variance": ("networks", "nulls"),
    "figures_recording": ("artefact", "motion"),
    "report": ("variance", "figures_recording"),
}
SHARED = ("recordings", "results", "seed", "run", "input", "variants")  # the same in every variant


def default_file() -> Path:
    """The complete default configuration: the repository's own, or the copy inside an installed package."""
    repository = Path(__file__).resolve().parents[2] / "config" / "config.yaml"
    return repository if repository.is_file() else Path(__file__).with_name("defaults") / "config.yaml"


def _schema() -> dict:
    repository = Path(__file__).resolve().parents[2] / "workflow" / "schemas"
    folder = repository if repository.is_dir() else Path(__file__).with_name("defaults") / "schemas"
    return yaml.safe_load((folder / "config.schema.yaml").read_text(encoding="utf-8"))


class _Loader(yaml.SafeLoader):
    """Plain YAML in which a key may stand only once: the last of two would silently replace the first."""


def _mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    repeated = next((key for i, key in enumerate(keys) if key in keys[:i]), None)
    if repeated is not None:
        line = next(key.start_mark.line for key, _ in reversed(node.value) if loader.construct_object(key) == repeated)
        raise yaml.YAMLError(f"line {line + 1}: the key `{repeated}` stands twice")
    if not all(isinstance(key, str) for key in keys):
        raise yaml.YAMLError(f"line {node.start_mark.line + 1}: names must be text; write them in quotes")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path) -> dict:
    """Read one YAML mapping; an unreadable file, or one that holds something else, is an `InputError`."""
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such config file; give the path of an existing one") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not readable as YAML ({reason}); correct the line that it names") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no settings; write `key: value` lines, see config/config.yaml")
    return content


def merge(base: dict, overrides: dict, tables: tuple = TABLES) -> dict:
    """Overlay `overrides` on `base`: sections key by key, tables as a whole."""
    merged = copy.deepcopy(base)
    for key, value in overrides.items():
        if key not in tables and isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key].update(copy.deepcopy(value))
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def load(files=(), overrides: dict | None = None) -> dict:
    """Resolve the configuration of a run.

    Parameters
    ----------
    files : sequence of path
        Configuration files, later ones over earlier ones, over the defaults. Empty: the defaults alone.
    overrides : dict, optional
        Further settings over all files, such as those of the command line.

    Returns
    -------
    settings : dict
        Complete and validated; the paths of inputs are absolute.

    Raises
    ------
    InputError
        For anything that is misspelt, of the wrong type or at odds with another setting.
    """
    settings: dict = {}
    for path in [default_file(), *files]:
        content = read_yaml(path)
        _anchor(content, Path(path).resolve().parent)
        settings = merge(settings, content)
    content = copy.deepcopy(overrides or {})
    _anchor(content, Path.cwd())
    settings = merge(settings, content)
    where = str(files[-1]) if files else str(default_file())
    validate(settings, where)
    return settings


def _anchor(content: dict, folder: Path) -> None:
    """Make the paths of inputs absolute: they are relative to the file that names them."""
    if isinstance(content.get("recordings"), str):
        content["recordings"] = str(folder / content["recordings"])
    variants = content.get("variants")
    sections = (
        [content, *(v for v in variants.values() if isinstance(v, dict))] if isinstance(variants, dict) else [content]
    )
    for section in sections:
        atlas = section.get("atlas")
        if isinstance(atlas, dict):
            atlas.update({k: str(folder / v) for k, v in atlas.items() if isinstance(v, str)})
        for site in (section.get("sites") or {}).values() if isinstance(section.get("sites"), dict) else ():
            if isinstance(site, dict) and isinstance(site.get("seed_mask"), str):
                site["seed_mask"] = str(folder / site["seed_mask"])


def validate(settings: dict, where: str = "config") -> None:
    """Hold the settings, and those of each variant, against the schema and against each other."""
    _validate_one(settings, where)
    for name, changes in settings["variants"].items():
        for section in changes or {}:
            if section in SHARED:
                raise InputError(
                    f"{where}: variants.{name}.{section}: `{section}` is the same in every variant; take it out"
                )
        _validate_one(variant(settings, name), f"{where}: variant `{name}`")


def _validate_one(settings: dict, where: str) -> None:
    from jsonschema import Draft202012Validator

    for error in sorted(Draft202012Validator(_schema()).iter_errors(settings), key=lambda e: list(map(str, e.path))):
        raise InputError(f"{where}: {_in_words(error)}")
    _cross_checks(settings, where)


def _in_words(error) -> str:
    """One sentence for a schema violation, with a suggestion for a misspelt key."""
    place = ".".join(map(str, error.absolute_path))
    prefix = f"{place}: " if place else ""
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))[0]
        near = difflib.get_close_matches(str(unknown), known, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(known)}"
        return f"unknown key `{prefix.replace(': ', '.')}{unknown}`; {hint}"
    if error.validator == "enum":
        near = difflib.get_close_matches(str(error.instance), list(map(str, error.validator_value)), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"choose one of {', '.join(map(str, error.validator_value))}"
        return f"{prefix}`{error.instance}` is not a choice; {hint}"
    if error.validator in ("minProperties", "maxProperties") and place.startswith("sites."):
        return f"{prefix}give exactly one of seed_label, seed_mm, seed_mask or seed"
    return f"{prefix}{error.message[:300]}; see config/config.yaml for what is allowed"


def _cross_checks(settings: dict, where: str) -> None:
    def refuse(text):
        raise InputError(f"{where}: {text}")

    for name, (low, high) in settings["bands"].items():
        if low >= high:
            refuse(f"bands.{name}: [{low}, {high}] is empty; the first edge must be below the second")
        if settings["input"]["lfp_stage"] != "power" and high > settings["artefact"]["fs_hz"] / 2:
            refuse(
                f"bands.{name}: {high} Hz lies above the Nyquist frequency {settings['artefact']['fs_hz'] / 2:g} Hz of "
                "the cleaned LFP; lower the band or raise artefact.fs_hz"
            )
        if settings["input"]["lfp_stage"] == "raw" and high > settings["artefact"]["band_pass_hz"][1]:
            refuse(
                f"bands.{name}: {high} Hz lies above artefact.band_pass_hz, so that the filter's skirt would be"
                " measured; raise its upper edge"
            )
    for section in ("artefact", "bold"):
        edges = settings[section]["band_pass_hz"]
        if edges and edges[0] >= edges[1]:
            refuse(f"{section}.band_pass_hz: {edges} is empty; the first edge must be below the second")
    if settings["artefact"]["band_pass_hz"][1] >= settings["artefact"]["fs_hz"] / 2:
        refuse(
            "artefact.band_pass_hz: the upper edge must be below artefact.fs_hz / 2; lower it or raise artefact.fs_hz"
        )
    for window in ("window_s", "infraslow_window_s"):
        if settings["power"]["step_s"] > settings["power"][window]:
            refuse(f"power.step_s is longer than power.{window}, so that samples would be skipped; shorten it")
    one_hz = settings["power"]["one_hz"]
    if one_hz and one_hz[0] >= one_hz[1]:
        refuse(f"power.one_hz: {one_hz} is empty; the first edge must be below the second")
    for name in [settings["networks"]["main_band"], *settings["networks"]["removal_bands"]]:
        if name not in settings["bands"]:
            near = difflib.get_close_matches(name, settings["bands"], n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"bands are {', '.join(settings['bands'])}"
            refuse(f"networks names the band `{name}`, which `bands` does not hold; {hint}")
    for name, site in settings["sites"].items():
        if "seed_label" in site and not settings["atlas"]["labels"]:
            refuse(f"sites.{name}.seed_label needs atlas.labels; name the labels image, or give seed_mm")
    first, last = settings["nulls"]["response_s"]
    if last - first < 4:
        refuse(f"nulls.response_s: [{first}, {last}] spans less than 4 s; give the first and the last lag, in seconds")
    multiunit = settings["artefact"]["multiunit_hz"]
    if multiunit and multiunit[0] >= multiunit[1]:
        refuse(f"artefact.multiunit_hz: {multiunit} is empty; the first edge must be below the second")
    for section, name in (
        ("variance", "cnr_range"),
        ("coupling", "grid_delay_s"),
        ("coupling", "grid_undershoot_s"),
    ):
        first, last, step = settings[section][name] or (1, 1, 1)
        if first > last:
            refuse(f"{section}.{name}: {first} is above {last}; give first, last, step")
        if (last - first) / step > 10_000:
            refuse(f"{section}.{name} has more than 10,000 steps; give a larger step")


def require_files(settings: dict) -> None:
    """Refuse a configuration that names an image which does not exist.

    Raises
    ------
    InputError
    """
    for name in settings["variants"]:
        complete = variant(settings, name)
        named = {f"atlas.{key}": path for key, path in complete["atlas"].items() if path}
        named |= {
            f"sites.{s}.seed_mask": site["seed_mask"] for s, site in complete["sites"].items() if "seed_mask" in site
        }
        for what, path in named.items():
            if not Path(path).is_file():
                raise InputError(f"{what}: there is no file {path}; correct the path (relative to the config file)")


def variant(settings: dict, name: str) -> dict:
    """The complete settings of one variant."""
    if name not in settings["variants"]:
        raise InputError(f"there is no variant `{name}`; known are {', '.join(settings['variants'])}")
    return merge(settings, settings["variants"][name] or {}, tables=())


def upstream(stretch: str) -> list[str]:
    """The stretches that `stretch` rests on, itself last, in the order of the road."""
    needed = {stretch}
    for name in reversed(SECTIONS):
        if name in needed:
            needed.update(FOLLOWS[name])
    return [name for name in SECTIONS if name in needed]


def stretch_settings(settings: dict, stretch: str) -> dict:
    """What one stretch reads, and nothing else: Snakemake reruns a job when this changes."""
    sections = SECTIONS[stretch]
    if stretch == "hrf" and settings["hrf"]["band_pass"] != "none":
        sections = (*sections, "bold")  # then, and only then, the regressors are filtered like the BOLD
    found = {section: settings[section] for section in sections}
    if stretch == "coupling":
        found["main_band"] = settings["networks"]["main_band"]  # shuffled, and searched for its best HRF
    return found


def band_names(settings: dict) -> list[str]:
    """The bands that tables and figures show by name: those of the config, and multi-unit activity where it is on."""
    return [*settings["bands"], *(["multiunit"] if settings["artefact"]["multiunit_hz"] else [])]


def owner(settings: dict, name: str, stretch: str) -> str:
    """The first variant (`reference` before all others) that agrees with `name` up to and including `stretch`.

    Its files serve both: a variant recomputes the first stretch that it changes and what follows.
    """

    def up_to(which):
        complete = variant(settings, which)
        return {s: stretch_settings(complete, s) for s in upstream(stretch)}

    wanted = up_to(name)
    # `reference` comes first wherever it stands, so that a variant written above it takes nothing from it.
    others = sorted(settings["variants"], key=lambda other: other != "reference")
    return next(other for other in others if other == name or up_to(other) == wanted)


def digest(content) -> str:
    """Twelve hexadecimal digits that change with any setting."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]
