"""What the LFP explains at best, and what of it is significant, in a study whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.derivatives import files, layout

SITES = ("M1", "ACC")


def table(results, name, variant="rigorous"):
    return files.read_table(results / variant / "group" / f"{name}.tsv")


def of(rows, **labels):
    return [row for row in rows if all(row[k] == v for k, v in labels.items())]


def test_no_p_of_a_scan_stands_without_the_animals(other_results):
    """Every table of scans that holds a p holds that over animals in the same row, and the rows fill it."""
    for name, record in layout.GROUP.items():
        columns = record.columns
        of_scans = [c for c in columns if (c == "p" or c.startswith("p_") or c.endswith("_p")) and "animals" not in c]
        if "ses" in columns and of_scans:
            over_animals = {c: f"{c}_animals" if f"{c}_animals" in columns else "p_animals" for c in of_scans}
            assert set(over_animals.values()) <= set(columns), name
            first = of_scans[0]
            for row in table(other_results, name):
                if np.isfinite(row[first]) and row.get("n_animals", 2) > 1:  # a notch may take a bin of all but one
                    assert np.isfinite(row[over_animals[first]]), (name, row)


@pytest.mark.parametrize("site", SITES)
def test_the_estimated_response_is_the_simulated_one(other_results, truth, site):
    """Delay 5 s, slices .6 s after the onset on average: a peak at 4.4 s, within a lag step of 1.2 s; little elsewhere.

    The band ends at .1 Hz, so that nothing of the response is sharper than some five seconds; its mean is not known.
    """
    rows = of(table(other_results, "response"), site=site, band="gamma")
    lags, h, se = (np.array([row[name] for row in rows]) for name in ("lag_s", "h", "se"))
    delay = truth["parameters"]["hrf_p"][0] - truth["parameters"]["tr_s"] / 2
    peak = int(np.argmax(h))
    assert lags[peak] == pytest.approx(delay, abs=1.3)
    assert h[peak] > 3 * se[peak]
    there = (lags > -1) & (lags < 12)
    assert (h[there] ** 2).sum() > 0.8 * (h**2).sum()


def test_the_choice_of_the_response_is_judged_on_others(other_results):
    temporal = table(other_results, "temporal")
    for site in SITES:
        rows = of(table(other_results, "hrfchoice"), site=site)
        own = {r["sub"]: r["r"] for r in of(rows, method="config")}
        for sub in ("01", "02"):
            z = [np.arctanh(r["r"]) for r in of(temporal, site=site, band="gamma", sub=sub)]
            assert own[sub] == pytest.approx(np.tanh(np.mean(z)), abs=1e-6)
        chosen = of(rows, method="grid", sub="group")[0]
        assert chosen["r"] <= chosen["r_in_sample"] + 1e-9
        assert chosen["optimism"] == pytest.approx(chosen["r_in_sample"] - chosen["r"], abs=1e-6)
        # The config holds the simulated response: nothing chosen can be much better in animals left out.
        assert chosen["r"] < own["group"] + 0.05


@pytest.mark.parametrize("site", SITES)
def test_gamma_is_found_family_wise_and_its_mean_is_that_of_the_scans(other_results, site):
    rows, temporal = table(other_results, "significance"), table(other_results, "temporal")
    gamma = of(rows, site=site, band="gamma", measure="temporal")[0]
    z = [np.mean([np.arctanh(r["r"]) for r in of(temporal, site=site, band="gamma", sub=s)]) for s in ("01", "02")]
    assert gamma["r"] == pytest.approx(np.tanh(np.mean(z)), abs=1e-6)
    assert gamma["p_max"] < 0.01 and gamma["r"] > gamma["threshold"]
    assert gamma["flip_floor"] == 0.5 and gamma["p_flip"] >= 0.5  # which two animals cannot go below
    assert of(rows, site=site, band="gamma", measure="spatial")[0]["p_max"] < 0.05
    lag = of(rows, site=site, band="gamma", measure="lag")[0]
    assert lag["lag_s"] == pytest.approx(4.5, abs=1.3) and lag["p_max"] <= 0.01 + 1e-9
    for row in rows:
        assert row["p"] <= row["p_max"] + 1e-9


def test_bins_of_gamma_are_found_and_others_are_not(other_results):
    """60 bins of gamma share its rhythm; the rest are found no more often than bands that carry a little of it."""
    for site in SITES:
        found = {"gamma": [], "other": []}
        for row in of(table(other_results, "significance"), site=site, family="bins"):
            frequency = int(row["band"][1:])
            found["gamma" if 40 <= frequency < 100 else "other"].append(row["p_max"] < 0.05)
        assert np.mean(found["gamma"]) > 0.9
        assert np.mean(found["other"]) < 0.5


def test_gamma_is_coherent_and_its_correlation_does_not_change(other_results):
    rows = table(other_results, "coherence")
    gamma = of(rows, band="gamma")
    assert len(gamma) == 8 and np.mean([row["above_chance"] for row in gamma]) > 0.1
    assert np.median([row["p"] for row in gamma]) < 0.05
    # The simulated relation is constant: p of the windows is spread over 0 to 1, eight scans of two sites.
    windows = of(table(other_results, "windows"), band="gamma")
    assert len(windows) == 8 and 0.15 < np.mean([row["p"] for row in windows]) < 0.85
    for row in gamma + windows:
        assert 0 < row["p"] <= 1


def test_pairing_with_other_animals_finds_nothing_there(other_results):
    for site in SITES:
        group = of(table(other_results, "pairing"), site=site, band="gamma", sub="group")[0]
        assert abs(group["expected"]) < 0.15 < group["r"]
        assert group["p"] < 0.05
        of_scans = [row for row in of(table(other_results, "pairing"), site=site) if row["sub"] != "group"]
        assert all(row["p"] >= 1 / 3 - 1e-9 for row in of_scans)  # two scans of the other animal


def test_information_without_its_bias_is_that_of_the_correlation(other_results):
    """Gaussian series: −½ ln(1 − r²) nats, over eight scans."""
    rows = of(table(other_results, "nulls"), band="gamma")
    expected = np.mean([-0.5 * np.log(1 - row["r"] ** 2) for row in rows])
    raw = np.mean([row["information"] + row["information_bias"] for row in rows])
    assert raw == pytest.approx(expected, abs=0.05)
    assert all(row["information_bias"] > 0 for row in rows)


def test_maps_of_other_animals_agree(other_results):
    for site in SITES:
        rows = {row["map"]: row for row in of(table(other_results, "inter_scan"), site=site)}
        crossed = {row["pair"]: row["r"] for row in of(table(other_results, "cross_scan"), site=site)}
        assert rows["across"]["between"] == pytest.approx(crossed["other_animals"], abs=0.02)
        assert rows["across"]["within"] == pytest.approx(crossed["same_animal"], abs=0.02)
        # One network behind both maps: without noise they are nearly the same.
        assert rows["disattenuated"]["between"] == pytest.approx(1, abs=0.15)
        found = of(table(other_results, "reliability"), site=site, measure="spatial_animals")[0]
        assert found["value"] == pytest.approx(rows["disattenuated"]["between"])


def test_contacts_tell_how_reliable_the_power_is(other_results):
    """Three contacts of a site see one field and little noise of their own."""
    for row in of(table(other_results, "nulls"), band="gamma"):
        assert 0.9 < row["contact_halves"] <= 1
