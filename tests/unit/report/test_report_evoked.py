"""Runs with stimuli in the report."""

from report_study import NAN, PNG, page, variant, words


def test_evoked_runs_have_a_section_where_there_are_any(config):
    """Figures, the table of rest against evoked, clusters and prediction; nothing of it for a study at rest."""
    assert "Evoked runs" not in page(config, variant(config))
    side = {"r": 0.5, "ci_low": 0.4, "ci_high": 0.6, "expected": NAN, "n": 4.0, "n_animals": 4.0}
    row = {"site": "M1", "rest": "sedated", "evoked": "sedatedWhisker", "band": "gamma", "measure": "temporal"}
    row |= {f"{name}_{key}": value for name in ("rest", "evoked") for key, value in side.items()}
    row |= {"evoked_r": 0.83, "difference": 0.33, "difference_low": 0.2, "difference_high": 0.46}
    row |= {"n_animals": 4.0, "p": 0.125}
    cluster = {"state": "sedatedWhisker", "site": "M1", "contrast": "whisker", "cluster": 1.0, "n_voxels": 77.0}
    cluster |= {"mm3": 19.3, "p": 0.031, "smallest_p": 0.031, "peak_t": 9.1, "peak_effect": 3.21, "x": 1.0, "y": 2.0}
    cluster |= {"peak_subtraction": 2.9, "z": 3.0}
    predicted = {"state": "sedatedWhisker", "site": "M1", "predictor": "all_bands", "n_animals": 4.0, "r2": 0.61}
    predicted |= {"ci_low": 0.5, "ci_high": 0.7, "difference": -0.07, "difference_low": NAN, "difference_high": NAN}
    tables = {"rest_evoked": [row], "evoked_clusters": [cluster], "evoked_prediction": [predicted | {"p": 0.5}]}
    driven = variant(config, **tables)
    for key in (("rest_evoked",), ("glm", "sedatedWhisker", "M1"), ("evoked", "sedatedWhisker", "M1")):
        driven.figures[key] = PNG
        driven.captions[key] = f"Caption of {key[0]}."
    html = page(config, driven)
    text = words(html[html.index('id="evoked"') : html.index('id="controls"')])
    assert all(f"Caption of {kind}." in text for kind in ("rest_evoked", "glm", "evoked"))
    assert "M1 sedated, sedatedWhisker gamma temporal r .50 .40 to .60 – 4 .83" in text and ".33 .20 to .46 .12" in text
    assert "whisker 1 77 19.3 .03 .03 9.1 3.21 2.90 1.0, 2.0, 3.0" in text
    assert "all bands 4 .61 .50 to .70 −.07 – .50" in text
    assert html.index('href="#evoked"') < html.index('id="evoked"')
