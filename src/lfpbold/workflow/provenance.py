"""What made the results: versions, settings, seed, and hashes of the inputs, as a BIDS derivative states them."""

from __future__ import annotations

import copy
import hashlib
import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path, PurePath

import yaml

from .. import __version__
from ..derivatives import files
from ..study.settings import digest

LIBRARIES = ("antspyx", "h5py", "matplotlib", "nibabel", "numpy", "pybv", "pynwb", "scipy", "snakemake")
# What BIDS has no names for yet. Each variant is a dataset of its own.
BIDSIGNORE = "logs\nbenchmarks\nfigures\nreport.*\nconfig.resolved.yaml\nspecification*\n{variants}\n"
HERE, RAW = "bids::", "bids:raw:"  # BIDS URIs: of the results folder, and of the folder of the sample sheet


@cache
def versions() -> tuple[dict, ...]:
    """Name and version of this package, of Python, and of the libraries that numbers depend on."""
    return (
        {"Name": "lfpbold", "Version": __version__},
        {"Name": "Python", "Version": platform.python_version()},
        *({"Name": name, "Version": metadata.version(name)} for name in LIBRARIES),
    )


class Places:
    """Names of files that are the same wherever a study stands: BIDS URIs instead of absolute paths.

    Parameters
    ----------
    results : path
        Results folder; files in it become `bids::…`.
    study : path, optional
        Folder of the sample sheet; all other files become `bids:raw:…`, relative to it. The results folder where it
        is not known.
    """

    def __init__(self, results, study=None):
        self.results = Path(results).resolve()
        self.study = Path(study).resolve() if study else self.results

    def name(self, path) -> str:
        """The BIDS URI of a file."""
        path = Path(os.path.normpath(Path.cwd() / path))
        resolved = path.parent.resolve() / path.name
        if resolved.is_relative_to(self.results):
            return HERE + resolved.relative_to(self.results).as_posix()
        return RAW + _relative(resolved, self.study)

    def find(self, name: str) -> Path:
        """The file that a BIDS URI, or a path of an earlier version's sidecar, stands for."""
        for start, folder in ((HERE, self.results), (RAW, self.study)):
            if name.startswith(start):
                return Path(os.path.normpath(folder / name.removeprefix(start)))
        return Path(name)


def _relative(path, folder) -> str:
    return PurePath(os.path.relpath(path, folder)).as_posix()


def portable(settings: dict, study) -> dict:
    """Settings without places: inputs are relative to the folder of the sample sheet, and `results` is omitted.

    Parameters
    ----------
    settings : dict
        All settings, or some of their sections.
    study : path
        Folder of the sample sheet.
    """
    settings = copy.deepcopy({key: value for key, value in settings.items() if key != "results"})
    if isinstance(settings.get("recordings"), str):
        settings["recordings"] = _relative(settings["recordings"], study)
    variants = settings.get("variants")
    for part in [
        settings,
        *(v for v in (variants if isinstance(variants, dict) else {}).values() if isinstance(v, dict)),
    ]:
        atlas, sites = part.get("atlas"), part.get("sites")
        if isinstance(atlas, dict):
            atlas.update({key: _relative(path, study) for key, path in atlas.items() if isinstance(path, str)})
        for site in sites.values() if isinstance(sites, dict) else ():
            if isinstance(site, dict) and isinstance(site.get("seed_mask"), str):
                site["seed_mask"] = _relative(site["seed_mask"], study)
    return settings


def config_hash(settings: dict) -> str:
    """Digest of a resolved configuration: of what is computed, not of where inputs and results stand."""
    return digest(portable(settings, study_of(settings)))


def study_of(settings: dict) -> Path:
    """Folder of the sample sheet."""
    return Path(settings["recordings"]).parent


def fingerprint(path, *, made_here: bool) -> str:
    """SHA-256 of a file; of its sidecar where this package made it and it has one.

    A sidecar is short, whatever the size of its file, and holds the digests of what the file was made from: a chain
    of sidecars whose digests agree leads back to the hashes of the raw files.
    """
    sidecar = files.sidecar_path(path)
    with (sidecar if made_here and sidecar.is_file() else Path(path)).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe(settings: dict, inputs: list[dict]) -> dict:
    """Content of `dataset_description.json`."""
    study = study_of(settings)
    places = Places(settings["results"], study)
    return {
        "Name": "lfpbold",
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": list(versions()),
        "DatasetLinks": {"raw": _relative(study.resolve(), places.results)},
        "ConfigHash": config_hash(settings),
        "Seed": settings["seed"],
        "Variants": list(settings["variants"]),
        "Inputs": [
            entry | {"Path": entry["Path"] if entry["Path"].startswith("bids:") else places.name(entry["Path"])}
            for entry in inputs
        ],
    }


def describe_variant(settings: dict, name: str) -> dict:
    """Content of a variant's own `dataset_description.json`; versions and inputs stand in that of the results."""
    whole = describe(settings, [])
    return {key: whole[key] for key in ("BIDSVersion", "DatasetType", "GeneratedBy")} | {"Name": f"lfpbold: {name}"}


def bidsignore(settings: dict) -> str:
    """Content of the results' `.bidsignore`."""
    return BIDSIGNORE.format(variants="\n".join(settings["variants"]))


def electrodes(channels: dict) -> list[dict]:
    """Rows of `electrodes.tsv`: the channels of each site, whose positions nobody stated.

    Parameters
    ----------
    channels : dict of site to names
    """
    known = [{"name": name, "group": site} for site, names in channels.items() for name in names]
    repeated = {row["name"] for row in known if sum(other["name"] == row["name"] for other in known) > 1}
    return [row | {"name": f"{row['group']}-{row['name']}"} if row["name"] in repeated else row for row in known]


def coordinate_system() -> dict:
    """Content of `coordsystem.json`."""
    return {
        "iEEGCoordinateSystem": "Other",
        "iEEGCoordinateSystemDescription": "Positions of the contacts are not recorded",
        "iEEGCoordinateUnits": "n/a",
    }


def resolved_yaml(settings: dict) -> str:
    """The complete configuration that was used, as YAML that can be given back with `--configfile`."""
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def readme() -> str:
    """README of the results folder."""
    return (
        "Derivatives of lfpbold: what the local field potential explains of resting-state fMRI, in space and in"
        " time.\n\nreport.html            the answer, figures and methods\nconfig.resolved.yaml   every setting that"
        " was used\nspecification.tsv      the headline of every variant, with the settings in which they differ\n"
        "<variant>/group/       tables of the study, one row per observation, each with a JSON"
        " sidecar\n<variant>/excluded.tsv recordings and volumes excluded, with step and reason\n<variant>/sub-*/      "
        " LFP, BOLD, maps and figures of each recording\n\n`lfpbold explain FILE` tells how a file came to be;"
        " `lfpbold compare` sets two results folders side by side.\n"
    )


def write(path, text: str) -> None:
    """Write text as UTF-8."""
    Path(path).write_text(text, encoding="utf-8")
