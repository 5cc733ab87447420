"""What is wrong with a configuration: misspelt keys, impossible values, and settings in conflict."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

from ...errors import InputError
from ..suggestion import suggestion
from . import schema
from .variants import SHARED, variant


def validate(settings: dict, where: str = "config") -> None:
    """Check the settings, and those of each variant, against the schema and against each other."""
    validate_form(settings, where)
    _cross_checks(settings, where)
    for name, changes in settings["variants"].items():
        for section in changes or {}:
            if section in SHARED:
                raise InputError(
                    f"{where}: variants.{name}.{section}: `{section}` is the same in every variant; remove it here"
                )
        complete = variant(settings, name) | {"variants": {name: {}}}  # the others were checked above
        complete.pop("choices", None)
        validate_form(complete, f"{where}: variant `{name}`")
        _cross_checks(complete, f"{where}: variant `{name}`")


def validate_form(settings: dict, where: str) -> None:
    """Check settings against the schema alone (keys, types, ranges), and for NaN, which its ranges let pass."""
    if path := _not_finite(settings):
        raise InputError(f"{where}: {path} is not a finite number below 2⁶⁴; correct it, see docs/settings.md")
    for error in sorted(_validator().iter_errors(settings), key=lambda e: list(map(str, e.path))):
        raise InputError(f"{where}: {_in_words(error)}")


def validate_section(name: str, content: dict) -> None:
    """Check one section of the settings by itself, as `validate_form` does all of them."""
    from jsonschema import Draft202012Validator

    if path := _not_finite(content, name):
        raise InputError(f"{path} is not a finite number below 2⁶⁴; correct it, see docs/settings.md")
    for error in Draft202012Validator(schema.read()["properties"][name]).iter_errors(content):
        raise InputError(f"{name}.{_in_words(error)}")


def _not_finite(content, path: str = "") -> str:
    """Where a number is NaN, infinite or 2⁶⁴ and more; empty where none is."""
    if isinstance(content, float):
        return "" if math.isfinite(content) else path
    if isinstance(content, int):
        return "" if abs(content) < 2**64 else path
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return next((place for key, value in items if (place := _not_finite(value, f"{path}.{key}".lstrip(".")))), "")


@cache
def _validator():
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema.read())


def _in_words(error) -> str:
    """One sentence for a schema violation, with a suggestion for a misspelt key."""
    place = ".".join(map(str, error.absolute_path))
    prefix = f"{place}: " if place else ""
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))[0]
        hint = suggestion(unknown, known, "known keys: {known}")
        return f"unknown key `{prefix.replace(': ', '.')}{unknown}`; {hint}"
    if error.validator == "enum":
        hint = suggestion(error.instance, error.validator_value, "choose one of {known}")
        return f"{prefix}`{error.instance}` is not allowed; {hint}"
    if error.validator in ("minProperties", "maxProperties") and place.startswith("sites."):
        return f"{prefix}give exactly one of seed_label, seed_mm, seed_mask or seed"
    if place.startswith("select.") and error.validator == "type" and "string" in str(error.validator_value):
        return f"{prefix}labels are text; write {error.instance} in quotes, as in the sheet"
    if place.startswith("select.date") and error.validator == "pattern":
        return f"{prefix}`{error.instance}` is not a day; write it as 2024-05-31"
    if error.validator == "pattern" and "x00" in error.validator_value:
        return f"{prefix}contains a control character; rename the file or folder"
    if error.validator in ("pattern", "maxLength") and "propertyNames" in error.absolute_schema_path:
        what = "letters and digits" if "_" not in error.schema.get("pattern", "") else "letters, digits and _"
        most = f", at most {error.schema['maxLength']}" if "maxLength" in error.schema else ""
        if place == "bands" and error.validator == "pattern" and re.fullmatch(r"\w+", error.instance, re.ASCII):
            return f"bands.{error.instance}: this name is reserved for a column of the tables; choose another"
        return f"{prefix}`{error.instance}` is not a valid name; use {what}{most}"
    if error.validator == "not":
        return f"{prefix}must not be 0; give another number"
    if error.validator == "required":
        return f"{prefix}{error.message[:300]}; add it"
    if error.validator == "anyOf":
        return f"{prefix}{error.instance!r:.100} is not allowed; allowed: {schema.allowed(error.schema)}"
    return f"{prefix}{error.message[:300]}; allowed: {schema.allowed(error.schema)}"


def _cross_checks(settings: dict, where: str) -> None:
    def refuse(text):
        raise InputError(f"{where}: {text}")

    _check_bands(settings, refuse)
    _check_pairs(settings, refuse)
    _check_windows(settings, refuse)
    _check_networks(settings["connectivity"], settings["atlas"]["labels"], refuse)
    _check_sizes(settings, refuse)
    for name, site in settings["sites"].items():
        if "seed_label" in site and not settings["atlas"]["labels"]:
            refuse(f"sites.{name}.seed_label needs atlas.labels; set it to the labels image, or give seed_mm")
    for table in ("sites", "states", "bands"):
        lower: dict = {}
        for name in settings[table]:
            if lower.setdefault(name.lower(), name) != name:
                refuse(
                    f"{table}.{lower[name.lower()]} and {table}.{name} differ only in upper and lower case, which some"
                    " file systems do not distinguish; rename one"
                )


def _check_bands(settings: dict, refuse) -> None:
    """Bands within the bandwidth of the cleaned LFP, and known by name where they are used."""
    stage, artefact = settings["input"]["lfp_stage"], settings["artefact"]
    for name, (low, high) in settings["bands"].items():
        if low >= high:
            refuse(f"bands.{name}: [{low}, {high}] is empty; the first edge must be below the second")
        if stage != "power" and high > artefact["fs_hz"] / 2:
            refuse(
                f"bands.{name}: {high} Hz lies above the Nyquist frequency {artefact['fs_hz'] / 2:g} Hz of the cleaned"
                " LFP; lower the band or raise artefact.fs_hz"
            )
        if stage == "raw" and high > artefact["band_pass_hz"][1]:
            refuse(
                f"bands.{name}: {high} Hz lies above artefact.band_pass_hz, where the filter attenuates the LFP; raise"
                " its upper edge or lower the band"
            )
    if artefact["band_pass_hz"][1] >= artefact["fs_hz"] / 2:
        refuse(
            "artefact.band_pass_hz: the upper edge must be below artefact.fs_hz / 2; lower it or raise artefact.fs_hz"
        )
    for name in [settings["networks"]["main_band"], *settings["networks"]["removal_bands"]]:
        if name not in settings["bands"]:
            hint = suggestion(name, settings["bands"], "bands are {known}")
            refuse(f"networks names the band `{name}`, which is not in `bands`; {hint}")


def _check_pairs(settings: dict, refuse) -> None:
    """The first of two values below the second."""
    for section, key in (
        ("artefact", "band_pass_hz"),
        ("artefact", "multiunit_hz"),
        ("bold", "band_pass_hz"),
        ("power", "one_hz"),
    ):
        edges = settings[section][key]
        if edges and edges[0] >= edges[1]:
            refuse(f"{section}.{key}: {edges} is empty; the first edge must be below the second")
    dates = [date for date in settings["select"]["date"] or () if date]
    if dates != sorted(dates):
        refuse(f"select.date: {dates} is empty; give the first day and the last, and null where there is no limit")


def _check_windows(settings: dict, refuse) -> None:
    """Windows in time that contain what is measured in them."""
    for window in ("window_s", "infraslow_window_s"):
        if settings["power"]["step_s"] > settings["power"][window]:
            refuse(f"power.step_s is longer than power.{window}, so that samples would be skipped; shorten it")
    first, last = settings["nulls"]["response_s"]
    if last - first < 4:
        refuse(f"nulls.response_s: [{first}, {last}] spans less than 4 s; give the first and the last lag, in seconds")
    (begin, end), (first, last) = settings["evoked"]["window_s"], settings["evoked"]["baseline_s"]
    if not begin <= first < last <= end:
        refuse(f"evoked.baseline_s: [{first}, {last}] does not lie within evoked.window_s [{begin}, {end}]; shorten it")
    if settings["evoked"]["step_s"] > last - first:
        refuse("evoked.step_s is longer than the baseline, which would be empty; shorten it")


def _check_sizes(settings: dict, refuse) -> None:
    """Settings that multiply to more than can be computed."""
    n_steps = {}
    for section, key in (("variance", "cnr_range"), ("coupling", "grid_delay_s"), ("coupling", "grid_undershoot_s")):
        first, last, step = settings[section][key] or (1, 1, 1)
        if first > last:
            refuse(f"{section}.{key}: {first} is above {last}; give first, last, step")
        n_steps[key] = (last - first) / step + 1
        if n_steps[key] > 10_001:
            refuse(f"{section}.{key} has more than 10,000 steps; give a larger step")
    cells = n_steps["grid_delay_s"] * n_steps["grid_undershoot_s"]
    if cells > 20_000:
        refuse(f"coupling.grid_delay_s and grid_undershoot_s make {cells:.0f} combinations; give larger steps")
    options = settings["variance"]
    if n_steps["cnr_range"] * options["cnr_trials"] * max(options["cnr_points"]) > 1e11:
        refuse("variance.cnr_range, cnr_trials and cnr_points need more than 10¹¹ simulated numbers; lower one of them")


def _check_networks(options: dict, labels, refuse) -> None:
    """Seeds and targets of networks: known by name, and with an atlas that has regions."""
    targets = options["targets"] or {}
    if "seed" in options["seeds"]:
        refuse("connectivity.seeds.seed: `seed` is reserved for the electrode; choose another name")
    for name, target in targets.items():
        known = ["seed", *options["seeds"]]
        if target["network"] not in known:
            hint = suggestion(target["network"], known, "networks are {known}")
            refuse(f"connectivity.targets.{name}: there is no network `{target['network']}`; {hint}")
    if (options["seeds"] or targets) and not labels:
        refuse("connectivity.seeds and targets name regions, which need atlas.labels; set it to the labels image")


def refuse_results(settings: dict, where: str = "config") -> None:
    """Refuse a results folder that contains other things, such as the sheet, or whose name Snakemake would interpret.

    Raises
    ------
    InputError
    """
    text = settings["results"]
    if set(text) & set("<>{}") or not text.strip():
        raise InputError(f"{where}: results is `{text}`; give a folder without < > {{ }} in its name")
    if any(len(part.encode()) > 200 for part in Path(text).parts):
        raise InputError(f"{where}: results has a name of more than 200 bytes, too long for a file system; shorten it")
    folder = Path(text).resolve()
    kept = {"the sample sheet": Path(settings["recordings"]).resolve(), "lfpbold itself": Path(__file__).resolve()}
    kept["your home folder"] = Path.home().resolve()
    for what, path in kept.items():
        if path.is_relative_to(folder):
            raise InputError(f"{where}: results is `{text}`, a folder that contains {what}; give another one")


def require_files(settings: dict) -> None:
    """Refuse a configuration that names an image that does not exist.

    Raises
    ------
    InputError
    """
    seen: set = set()
    for name in settings["variants"]:
        complete = variant(settings, name)
        named = {f"atlas.{key}": path for key, path in complete["atlas"].items() if path}
        named |= {
            f"sites.{s}.seed_mask": site["seed_mask"] for s, site in complete["sites"].items() if "seed_mask" in site
        }
        for what, path in named.items():
            if path not in seen and not Path(path).is_file():
                raise InputError(f"{what}: there is no file {path}; correct the path (relative to the config file)")
            seen.add(path)
