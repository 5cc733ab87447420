"""What made the results: versions, settings, seed, and hashes of the inputs, as a BIDS derivative states them."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import yaml

from . import __version__
from .settings import digest

LIBRARIES = ("antspyx", "h5py", "matplotlib", "nibabel", "numpy", "pandas", "pybv", "pynwb", "scipy", "snakemake")
# What BIDS has no names for yet. Each variant is a dataset of its own.
BIDSIGNORE = "logs\nbenchmarks\nfigures\nreport.html\nconfig.resolved.yaml\nspecification*\n{variants}\n"
BIDSIGNORE_OF_VARIANT = (
    "group\nfigures\nsub-*/ses-*/figures\nexcluded.*\n*_coupling.*\n*_networks.*\n*_nulls.*\n*_statmap.*\n*_qc.json\n"
    "*_timeseries.*\n"
)


def describe(settings: dict, inputs: list[dict]) -> dict:
    """Content of `dataset_description.json`."""
    return {
        "Name": "lfpbold",
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [
            {"Name": "lfpbold", "Version": __version__},
            {"Name": "Python", "Version": platform.python_version()},
            *({"Name": name, "Version": metadata.version(name)} for name in LIBRARIES),
        ],
        "ConfigHash": digest(settings),
        "Seed": settings["seed"],
        "Variants": list(settings["variants"]),
        "Inputs": inputs,
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
        " was used\n<variant>/group/       tables of the study, one row per observation, each with a JSON"
        " sidecar\n<variant>/excluded.tsv recordings and volumes left out, with step and reason\n<variant>/sub-*/      "
        " LFP, BOLD, maps and figures of each recording\n"
    )


def write(path, text: str) -> None:
    """Write text as UTF-8."""
    Path(path).write_text(text, encoding="utf-8")
