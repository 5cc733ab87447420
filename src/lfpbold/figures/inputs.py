"""Reads from files what figures show; decides nothing but which scan serves as the example."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ..derivatives import files as io
from ..derivatives import layout
from ..derivatives.rows import Rows, of_group
from ..errors import InputError
from ..pipeline import atlas, hrf
from ..study import settings
from .removal import removal_names
from .text import count


def table(path) -> list[dict]:
    """Rows of a table; none where the recording was excluded or the step was not reached."""
    path = Path(path)
    return io.read_table(path) if path.is_file() and path.stat().st_size else []


def sidecar(path) -> dict:
    """Content of the JSON that belongs to an output; empty where there is none."""
    path = io.sidecar_path(path)
    return io.read_json(path) if path.is_file() else {}


def image(path):
    """A map and its affine; (None, None) for no path, and for the placeholder of an excluded recording."""
    if not path or not Path(path).is_file() or not Path(path).stat().st_size or io.exclusion(path):
        return None, None
    return io.read_image(path)


def named_maps(path, key: str) -> dict[str, np.ndarray]:
    """Maps of a 4-D image by the names that its sidecar lists under `key`."""
    data, _ = image(path)
    listed = sidecar(path).get(key)
    if data is None or not listed:  # a group of which nothing was left has a placeholder and an empty list
        return {}
    return dict(zip(listed, data[None] if data.ndim == 3 else data, strict=True))


def background(atlas_files: dict):
    """Anatomy to draw maps on: the atlas's image, else its brain mask, else None."""
    return image(atlas_files["anatomy"] or atlas_files["brain"])[0]


def group(files, row: dict, complete: dict) -> SimpleNamespace:
    """Everything that the figures of one state and site show.

    Parameters
    ----------
    files : namespace of paths
        Inputs of the rule: maps, tables, and one file per scan for the example.
    row : dict
        `state` and `site`.
    complete : dict
        Sections `artefact`, `bands`, `hrf`, `sites`, `coupling`, `networks` and `atlas` of the settings.
    """
    state, site, networks = row["state"], row["site"], complete["networks"]
    main, names = networks["main_band"], settings.band_names(complete)
    seed_map, affine = image(files.seed_map)
    lfp = named_maps(files.lfp_maps, "Bands")
    information = named_maps(files.information_maps, "Maps")
    read = [name for name in layout.GROUP if hasattr(files, name)]
    rows = {name: of_group(table(getattr(files, name)), state, site) for name in read}
    _join_significance(rows, main)
    example = _example(files, complete)
    return SimpleNamespace(
        title=f"{site}, {state}",
        main=main,
        names=names,
        bands=dict(complete["bands"]),
        seed_map=seed_map,
        affine=affine,
        lfp={name: lfp[name] for name in names if name in lfp},
        true_map=lfp.get(main),
        shuffled_map=lfp.get(f"shuffled_{main}"),
        information=information,
        removed=named_maps(files.removal_maps, "Maps"),
        components=named_maps(files.components_maps, "Maps"),
        **_matrices(files),
        removals=removal_names(main, networks["removal_bands"], networks["peak_percentile"]),
        percentile=networks["peak_percentile"],
        anatomy=background(complete["atlas"]),
        seed=_seed(site, complete, seed_map, affine),
        r={row["band"]: row["r"] for row in rows["spatial_group"]},
        p=complete["hrf"]["p"],
        rows=SimpleNamespace(**rows),
        example=example,
        spectrogram=example["spectrogram"] if example else {},
        chance=_chance(rows["information"]),
        estimator=_estimator(complete["coupling"]),
        facts=_facts(rows, seed_map, f"{site}, {state}", example, complete),
    )


def _matrices(files) -> dict:
    """Averaged matrices by name, and the labels of their regions."""
    read = {name: io.read_matrix(getattr(files, name))[0] for name in ("matrix", "matrix_removed", "matrix_expected")}
    names = ("connectivity", "removed", "expected")
    matrices = {name: values[:, 1:] for name, values in zip(names, read.values(), strict=True)}
    return {"matrices": matrices, "regions": read["matrix"][:, 0].astype(int)}


def _join_significance(rows: dict, main_band: str) -> None:
    """Join to rows the result of surrogates: the main band's lags a `threshold`, 1-Hz bins a family-wise `p_max`."""
    by_family = {(row["measure"], row["family"], row["band"]): row for row in rows["significance"]}
    of_lags = by_family.get(("lag", "lags", main_band))
    if of_lags:
        rows["lags"] = [
            r | ({"threshold": of_lags["threshold"]} if r["band"] == main_band else {}) for r in rows["lags"]
        ]
    for measure in ("temporal", "spatial"):
        of_bins = {key[2]: row["p_max"] for key, row in by_family.items() if key[:2] == (measure, "bins")}
        rows[measure] = [r | ({"p_max": of_bins[r["band"]]} if r["band"] in of_bins else {}) for r in rows[measure]]


def _seed(site, complete, seed_map, affine):
    """The seed's voxels as a volume; None where there is no map, or no more than a voxel of it."""
    if seed_map is None or np.isfinite(seed_map).sum() < 3:
        return None
    brain = np.isfinite(seed_map)
    volume = np.zeros(brain.shape, dtype=bool)
    try:
        volume[brain] = atlas.open_seed(site, complete, brain, affine)
    except InputError:  # the averaged brain is what all scans share, and may not hold the seed
        return None
    return None if volume[brain].all() else volume  # where everything is seed there is nothing to outline


def _example(files, complete) -> dict | None:
    """The first scan that was not excluded: its power, regressors and the seed's BOLD."""
    together = zip(files.power, files.regressors, files.seed_course, files.spectrogram, strict=True)
    for power_path, regressors_path, course_path, spectrogram_path in together:
        if io.exclusion(course_path):
            continue
        series = io.read_series(power_path)
        regressors, bands = io.read_matrix(regressors_path)
        course, _ = io.read_matrix(course_path)
        kept = np.zeros(len(regressors), dtype=bool)
        kept[course[:, 0].astype(int)] = True
        return {
            "scan": _scan_name(course_path),
            "power": np.asarray(series.data),
            "power_times_s": hrf.frame_times(len(series.data), series.fs_hz, series.info),
            "regressors": regressors,
            "volume_times_s": hrf.volume_times(series.info, complete),
            "bands": bands,
            "kept": kept,
            "seed": course[:, 2],
            "spectrogram": io.read_json(spectrogram_path),
        }
    return None


def _scan_name(path) -> str:
    return " ".join(part for part in Path(path).name.split("_") if part.startswith(("sub-", "ses-", "run-")))


def _estimator(options: dict) -> str:
    kind = {"equal_width": "equally wide", "equal_occupancy": "equally occupied"}.get(options["information"])
    if kind is None:
        return "Gaussian copula"
    return f"plug-in estimate, {options['information_bins']} {kind} bins of each variable"


def _chance(rows) -> dict[str, float]:
    """Chance level of each band, mean of scans, nats."""
    levels: dict[str, list] = {}
    for row in rows:
        if np.isfinite(row["chance"]):
            levels.setdefault(row["band"], []).append(row["chance"])
    return {band: float(np.mean(values)) for band, values in levels.items()}


def _facts(rows, seed_map, title, example, complete) -> dict:
    """What captions say of the data."""
    networks = complete["networks"]
    main = Rows(rows["temporal"]).where(band=networks["main_band"]).finite("r")
    n = f"{count(len(main), 'scan')} of {count(len({r['sub'] for r in main}), 'animal')}"
    if seed_map is not None:
        n += f", {count(int(np.isfinite(seed_map).sum()), 'voxel')}"
    return {
        "who": title,
        "n": n if main else "no scan",
        "example": example["scan"] if example else "",
        "main_band": networks["main_band"],
        "percentile": f"{networks['peak_percentile']:g}",
        "removal_bands": ", ".join(networks["removal_bands"]),
    }


def evoked(files, row: dict, complete: dict) -> SimpleNamespace:
    """Everything that the figures of one state and site with stimuli show."""
    maps, title = named_maps(files.maps, "Maps"), "{site}, {state}".format(**row)
    contrasts = [name.removesuffix("_effect") for name in maps if name.endswith("_effect")]
    first, affine = maps.get(f"{contrasts[0]}_effect") if contrasts else None, image(files.maps)[1]
    responses = table(files.responses)
    n = [max((r[key] for r in responses), default=0) for key in ("n_scans", "n_animals")]
    data = f"{count(n[0], 'scan')} of {count(n[1], 'animal')}"
    if first is not None:
        data += f", {count(int(np.isfinite(first).sum()), 'voxel')}"
    return SimpleNamespace(
        title=title,
        maps=maps,
        contrasts=contrasts,
        clusters=table(files.clusters),
        affine=affine,
        anatomy=background(complete["atlas"]),
        seed=_seed(row["site"], complete, first, affine),
        alpha=complete["evoked"]["alpha"],
        responses=responses,
        prediction=table(files.prediction),
        names=settings.band_names(complete),
        facts={"who": title, "n": data, "main_band": complete["networks"]["main_band"]},
    )


def study(files, complete: dict) -> SimpleNamespace:
    """Everything that the figures of the whole study show."""
    rows = {name: table(path) for name, path in files.items()}
    groups = {(row["state"], row["site"]) for row in rows["temporal"]}
    scans = {(row["sub"], row["ses"], row["run"], row["state"], row["site"]) for row in rows["temporal"]}
    main = complete["networks"]["main_band"]
    animals = count(len({sub for sub, *_ in scans}), "animal")
    n = f"{count(len(scans), 'scan')} of {animals} in {count(len(groups), 'group')}"
    return SimpleNamespace(
        rows=SimpleNamespace(**rows),
        names=settings.band_names(complete),
        main=main,
        facts={"who": "all states and sites", "n": n, "main_band": main},
    )
