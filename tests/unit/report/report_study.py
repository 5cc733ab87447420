"""A made-up study for the report: every table filled, every figure a few bytes."""

import base64
import dataclasses
import html
import re

from lfpbold.report import inputs as report_inputs
from lfpbold.report import methods
from lfpbold.report import page as report
from lfpbold.report.inputs import Recording, Variant
from lfpbold.results import specification
from lfpbold.study import settings

NAN = float("nan")
PNG = b"\x89PNG not really"
MULTIUNIT = {"BandHz": [300, 2746.6], "BeforeUv": 610.0, "AfterUv": 8.7, "OutsideUv": 8.2, "ResidueUv": 2.9}
GROUP = {"state": "sedated", "site": "M1"}


def headline_rows(state="sedated", site="M1", **values):
    found = {
        "temporal_r": (0.38, 0.30, 0.45),
        "temporal_r2": (0.1444, 0.09, 0.2025),
        "spatial_r_scan": (0.61, 0.5, 0.7),
        "spatial_r2_scan": (0.3721, 0.25, 0.49),
        "spatial_r_group": (0.95, 0.9, 0.98),
        "spatial_r2_group": (0.9025, 0.81, 0.96),
        "seed_map_r_after_gamma": (0.988, 0.97, 0.99),
        "seed_map_slope_after_gamma": (0.93, 0.9, 0.95),
    }
    found |= values
    return [
        {
            "state": state,
            "site": site,
            "measure": name,
            "value": v[0],
            "ci_low": v[1],
            "ci_high": v[2],
            "unit": "",
            "n": 7.0,
            "n_animals": 2.0,
        }
        for name, v in found.items()
    ]


def recording(config, sub="01", run="1", **changes):
    row = {"sub": sub, "ses": "01", "task": "rest", "run": run, "state": "sedated", "site": "M1"}
    parts = {
        "lfp": {
            "Stage": "raw",
            "RawSamplingFrequency": 24414.0625,
            "ScanStart": 10.5,
            "ClockPpm": 20.123,
            "RepetitionTime": 1.0,
            "NumberOfVolumes": 300,
            "SliceAcquisitionsPerVolume": 20,
            "Notches": [20.0, 40.0, 60.0],
            "MainsSeen": [60.0],
            "NotchWidth": 1.0,
            "Template": "per_slice",
        },
        "qc": {
            "Residue": {
                "rms_before_uv": 6000.0,
                "rms_after_uv": 201.5,
                "broadband_before_uv": 601.0,
                "broadband_after_uv": 9.5,
                "slice_harmonics_db": 0.3,
            }
        },
        "motion": {
            "Stage": "raw",
            "RepetitionTime": 1.0,
            "NumberOfVolumes": 300,
            "MotionReference": "first",
            "FdThreshold": 0.1,
            "Kept": 296,
            "Dropped": 4,
            "Registration": "none: already in atlas space",
        },
        "displacement": (0.021, 0.345),
        "bold": {
            "Stage": "raw",
            "Nuisance": [
                "constant",
                "trend",
                "trans_x",
                "trans_y",
                "trans_z",
                "rot_x",
                "rot_y",
                "rot_z",
                "white_matter",
                "ventricles",
                "global_signal",
            ],
            "BandPass": [0.01, 0.1],
            "FilterPadding": "odd",
            "FwhmMm": 0.75,
            "BrainVoxels": 6157,
        },
        "figures": {"artefact": PNG, "motion": PNG},
        "figure_paths": {"artefact": "a.png", "motion": "m.png"},
    }
    return Recording(row=row, **(parts | changes))


def variant(config, name="reference", recordings=None, **tables):
    scans = [
        {"sub": s, "ses": "01", "run": "1", "state": "sedated", "site": "M1", "band": b, "r": r}
        for s, b, r in (("01", "gamma", 0.2), ("02", "gamma", 0.6), ("01", "delta", -0.1), ("02", "delta", NAN))
    ]
    base = {name: [] for name in report_inputs.TABLES} | {
        "temporal": scans,
        "spatial": scans,
        "spatial_group": [
            {"state": "sedated", "site": "M1", "band": "gamma", "r": 0.95, "ci_low": 0.9, "ci_high": 0.98}
        ],
        "regression": [],
        "headline": headline_rows(),
        "excluded": [],
        "noise": [
            {
                "state": "sedated",
                "site": "M1",
                "cnr": 1.31,
                "observed_spatial": 0.61,
                "observed_temporal": 0.38,
                "true_temporal": 0.59,
                "r2": 0.35,
                "cnr_closed_form": 1.34,
                "true_temporal_closed_form": 0.592,
                "cnr_voxels": 1.29,
                "true_temporal_voxels": 0.6,
            }
        ],
    }
    pictures = {("headline",): PNG, ("bands",): PNG, ("noise",): PNG, ("maps", "sedated", "M1"): PNG}
    return Variant(name, config, base | tables, recordings or [recording(config)], pictures)


def full(config, name="reference", **changes):
    """A variant with every table filled and every figure drawn; each figure is unlike all others."""
    scan = {"sub": "01", "ses": "01", "run": "1", **GROUP}
    student = {"n": 4.0, "mean": 0.21, "t": 5.25, "df": 3.0, "p": 0.0135}
    animals = {"n_animals": 2.0, "mean_animals": 0.2, "t_animals": 3.1, "df_animals": 1.0, "p_animals": 0.199}
    tested = {"n_scans": 4.0, "n_animals": 2.0, "p": 0.002, "p_max": 0.012, "threshold": 0.19}
    tested |= {"p_animals": 0.21, "p_flip": 0.5, "p_flip_max": 0.5, "flip_floor": 0.5}
    tables = {
        "temporal": [
            scan | {"band": b, "r": r} for b, r in (("gamma", 0.38), ("shuffled_gamma", 0.01), ("slow", 0.07))
        ],
        "spatial": [scan | {"band": b, "r": r} for b, r in (("gamma", 0.58), ("shuffled_gamma", 0.02), ("slow", 0.3))],
        "spatial_group": [
            GROUP | {"band": b, "n_scans": 4, "r": r, "ci_low": r - 0.05, "ci_high": r + 0.02, "n_animals": 2}
            for b, r in (("gamma", 0.94), ("shuffled_gamma", 0.03), ("slow", 0.66))
        ],
        "lags": [
            GROUP | {"band": "gamma", "lag_s": lag, "n_scans": 4.0, "r": r, "sem": 0.04}
            for lag, r in ((-3.0, -0.12), (0.0, 0.1), (2.0, 0.41), (5.0, NAN))
        ],
        "hrfgrid": [
            GROUP
            | {
                "band": "gamma",
                "delay_s": d,
                "undershoot_s": u,
                "degenerate": x,
                "n_scans": 4.0,
                "r": r,
                "sem": 0.05,
            }
            for d, u, x, r in ((4.0, 4.0, 1.0, 0.5), (4.25, 7.5, 0.0, 0.44), (8.0, 2.0, 0.0, -0.2))
        ],
        "regression": [
            scan | {"removal": "gamma", "r": 0.97, "slope": 0.86},
            scan
            | {"sub": "group", "removal": "gamma", "r": 0.991, "slope": 0.88}
            | {"r_ci_low": 0.95, "r_ci_high": 0.995, "slope_ci_low": 0.8, "slope_ci_high": 0.93},
        ],
        "ttests": [
            GROUP | {"band": "gamma", "test": test, "measure": m} | student | animals
            for test, m in (("spatial_minus_temporal", "rho"), ("lfp_minus_multiunit", "z"))
        ],
        "states": [
            {"site": "M1", "band": "gamma", "measure": "temporal", "state_a": "sedated", "state_b": "awake"}
            | {"n_a": 4.0, "n_b": 3.0, "mean_a": 0.38, "mean_b": 0.05, "difference": -0.33, "t": -4.2, "df": 4.6}
            | {"p": 0.0004, "n_animals": 2.0, "difference_animals": -0.31, "ci_low": -0.6, "ci_high": -0.02}
            | {"p_animals": 0.045}
        ],
        "multiunit": [
            scan
            | {"run": str(i), "band": "gamma", "r_lfp": 0.4, "r_multiunit": 0.3, "r_lfp_partial": 0.25}
            | {"r_multiunit_partial": 0.09, "r_between": 0.7, "band_low_hz": 300.0, "band_high_hz": 2746.6}
            | {"artefact_uv": 610.0, "after_uv": 8.7, "outside_uv": outside, "outside_s": 13.0, "residue_uv": residue}
            for i, (outside, residue) in enumerate(((8.2, 2.9), (8.4, 3.1), (NAN, NAN)))
        ],
        "information": [
            scan | {"band": "gamma", "mi": 0.121, "chance": 0.051, "spatial_r": 0.62},
            scan | {"sub": "group", "band": "gamma", "mi": NAN, "chance": NAN, "spatial_r": 0.93},
        ],
        "mediation": [
            GROUP
            | {"sub": "group", "band": "gamma", "measure": measure, "voxels": "all", "n_scans": 4.0, "n_animals": 2.0}
            | {"observed": seen, "expected": seen - 0.03, "null_low": 0.86, "null_high": 0.93, "percentile": 0.991}
            | {"p": 0.018, "difference": 0.03, "difference_low": 0.01, "difference_high": 0.05}
            for measure, seen in (("spatial_r", 0.94), ("removal_r", 0.92))
        ],
        "k": [
            GROUP
            | {
                "level": "averaged",
                "k": 0.156,
                "ci_low": 0.1,
                "ci_high": 0.2,
                "k_noise": 0.04,
                "r2": 0.95,
                "n": 5.0,
            }
        ],
        "reliability": [
            GROUP
            | {"band": "gamma", "measure": "spatial", "n": 4.0, "n_animals": 2.0, "r": 0.41, "reliability_x": 0.3}
            | {"reliability_y": 0.8, "value": 1.06, "low": 0.7, "high": 1.3, "cnr": 0.98, "reason": ""}
            | {
                "bootstrap_low": 0.6,
                "bootstrap_high": 1.4,
                "cnr_study": 1.31,
                "simulated_r": 0.47,
                "closed_form_r": 0.46,
            },
            GROUP
            | {"band": "gamma", "measure": "spatial_animals", "n": 4.0, "n_animals": 2.0, "r": 0.3, "low": NAN}
            | {"reliability_x": -0.1, "reliability_y": 0.8, "value": NAN, "high": NAN, "cnr": NAN}
            | {"reason": "reliability is not above zero"},
        ],
        "significance": [
            GROUP | {"measure": measure, "family": family, "band": band, "lag_s": lag, "r": r} | tested
            for measure, family, band, lag, r in (
                ("temporal", "bands", "gamma", NAN, 0.37),
                ("spatial", "bands", "gamma", NAN, 0.57),
                ("lag", "lags", "gamma", 2.0, 0.36),
                ("temporal", "bins", "f040", NAN, 0.3),
                ("temporal", "bins", "f041", NAN, 0.31),
            )
        ],
        "bins": [
            scan | {"band": band, "p_phase_max": 0.2, "p_spatial_max": p} for band, p in (("f040", 0.01), ("f041", 0.2))
        ],
        "pairing": [
            scan
            | {"sub": sub, "band": "gamma", "r": 0.33, "expected": 0.02, "p": 0.011, "n_pairs": 200.0}
            | {"n_animals": 2.0, "mean_animals": 0.32, "p_animals": 0.27}
            for sub in ("group", "01")
        ],
        "inter_scan": [
            GROUP
            | {"band": "gamma", "map": of, "within": w, "between": 0.44, "between_low": NAN, "between_high": NAN}
            | {"of_average": average, "n_scans": 4.0, "n_animals": 2.0}
            for of, w, average in (("lfp", 0.55, 0.66), ("disattenuated", NAN, NAN))
        ],
        "coherence": [
            scan | {"band": "gamma", "coherence": 0.21, "bias": 0.09, "p": 0.001, "p_animals": 0.03, "n_tapers": 11.0}
        ],
        "windows": [scan | {"band": "gamma", "sd": 0.36, "sd_expected": 0.35, "p": 0.4, "p_animals": 0.41}],
        "hrfchoice": [
            GROUP
            | {"band": "gamma", "sub": sub, "method": method, "delay_s": d, "undershoot_s": 2 * d, "r": r + 0.01 * i}
            | {"r_in_sample": r + 0.05, "optimism": 0.05}
            for method, d, r in (("config", NAN, 0.3), ("grid", 4.5, 0.32), ("fir", NAN, 0.35))
            for i, sub in enumerate(("group", "01", "02"))
        ],
        "explained": [
            GROUP | {"sub": sub, "n_scans": 4.0, "r": r, "r2": 0.12, "p": 0.02}
            for sub, r in (("group", 0.4), ("01", -0.1))
        ],
        "commonality": [
            GROUP | {"bands": b, "n_scans": 4.0, "part": part} for b, part in (("all", 0.2), ("a+b", 0.15))
        ],
        "cross_scan": [GROUP | {"band": "gamma", "pair": "other_animals", "n": 4.0, "r": 0.41}],
        "nulls": [
            scan
            | {"band": "gamma", "spatial_r_observed": 0.5, "spatial_r_null_low": 0.4, "spatial_r_null_high": 0.6}
            | {"information": 0.071, "information_bias": 0.012, "p_information": 0.01}
        ],
        "yardstick": [
            GROUP | {"band": b, "measure": m, "published": p, "ours": o, "n_scans": n, "published_n": 159.0}
            for b, m, p, o, n in (
                ("gamma", "temporal", 0.37, 0.38, 4.0),
                ("gamma", "spatial_group", 0.95, 0.94, 4.0),
                ("delta", "temporal", -0.2, NAN, 0.0),
                ("gamma", "lag_s", 2.0, 2.5, 4.0),
                ("gamma", "cnr", 1.3, 1.31, 4.0),
            )
        ],
    }
    base = variant(config, name=name, **tables)
    keys = [(kind,) for kind in report_inputs.STUDY_FIGURES]
    keys += [(kind, "sedated", "M1") for kind in report_inputs.GROUP_FIGURES]
    drawn = {key: b"PNG of " + " ".join((name, *key)).encode() for key in keys}
    return dataclasses.replace(
        base, figures=drawn, captions={key: f"Caption of {' '.join(key)}." for key in keys}, **changes
    )


def page(config, *variants):
    described = {
        "GeneratedBy": [{"Name": "numpy", "Version": "2.3.4"}],
        "ConfigHash": "abc123",
        "Seed": 2024,
        "Inputs": [{"Path": "x.nii"}],
    }
    return report.build(list(variants) or [variant(config)], config, described)


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def method_words(config, recordings=None):
    return words(" ".join(text for _, text in methods.sections(variant(config, recordings=recordings))))


def embedded(text):
    """What each image of the page holds, in order."""
    return [base64.b64decode(found) for found in re.findall(r'src="data:image/png;base64,([^"]*)"', text)]


def section(text, name):
    """One section of the page, from its anchor to the next section."""
    return re.search(rf'<section id="{name}">.*?(?=<section id=|</main>)', text, re.S)[0]


def multiverse_page(config, *, values=None):
    """Four variants, two of them combinations of a grid; −.3 without global signal, +.1 by the other response."""
    values = values or {"reference": 0.5, "no_gsr": 0.2, "sweep-001": 0.6, "sweep-002": 0.3}
    human = [6, 16, 1, 1, 6, 0, 32]
    changes = {
        "reference": {},
        "no_gsr": {"bold": {"global_signal": False}},
        "sweep-001": {"hrf": {"p": human}, "choices": {"hrf.p": "human"}},
        "sweep-002": {"hrf": {"p": human}, "bold": {"global_signal": False}, "choices": {"hrf.p": "human"}},
    }
    complete = {name: settings.merge(config, change, tables=()) for name, change in changes.items()}
    found = []
    for name, value in values.items():
        one = variant(complete[name], name=name, headline=headline_rows(temporal_r=(value, value - 0.1, value + 0.1)))
        found.append(dataclasses.replace(one, member=bool(complete[name].get("choices"))))
    choices = specification.choices(complete)
    curve = specification.curve({v.name: v.tables["headline"] for v in found}, choices)
    key = ("sedated", "M1")
    drawn = report_inputs.Specification(
        curve, specification.effects(curve, choices), {key: b"PNG of all variants"}, {key: "Caption of all variants."}
    )
    described = {"GeneratedBy": [], "ConfigHash": "abc", "Seed": 1, "Inputs": []}
    return report.build(found, config, described, drawn)
