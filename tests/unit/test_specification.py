"""The curve is sorted and complete; shares of variance are those of models whose effects are known."""

import itertools
import math

import numpy as np
import pytest
from scipy.linalg import hadamard

from lfpbold.derivatives import files
from lfpbold.figures.specification import specification
from lfpbold.report.views.variants import sentence
from lfpbold.results import specification as multiverse
from lfpbold.stats import shapley

NAN = float("nan")


def shares(values, factors):
    return {name: found["share"] for name, found in shapley.decompose(values, factors).items()}


def test_an_additive_model_gives_back_its_shares_exactly():
    a, b, c = [0.0, 1.0], [0.0, 0.5, 2.0], [0.1, -0.1]
    grid = list(itertools.product(range(2), range(3), range(2)))
    values = [a[i] + b[j] + c[k] for i, j, k in grid]
    found = shapley.decompose(values, {n: [str(g[i]) for g in grid] for i, n in enumerate("abc")})
    total = np.var(a) + np.var(b) + np.var(c)  # of a balanced design variances add up
    for name, effects in zip("abc", (a, b, c), strict=True):
        for kind in ("share", "share_first", "share_last"):
            assert found[name][kind] == pytest.approx(np.var(effects) / total, abs=1e-12)
    assert found["interactions"]["share"] == pytest.approx(0, abs=1e-12)
    assert found["interactions"]["df_left"] == 12 - 1 - (1 + 2 + 1)


def test_what_choices_do_only_together_is_an_interaction():
    grid = list(itertools.product((-1, 1), (-1, 1)))
    found = shares(
        [3 + 2 * i * j + i for i, j in grid], {"a": [str(i) for i, _ in grid], "b": [str(j) for _, j in grid]}
    )
    assert found == pytest.approx({"a": 1 / 5, "b": 0, "interactions": 4 / 5}, abs=1e-12)


def by_every_order(values, factors):
    """Another implementation: residual sums of squares from the pseudo-inverse, over all permutations."""
    values, names = np.asarray(values, float), list(factors)

    def residual(chosen):
        design = [np.ones(len(values))]
        design += [np.array([one == level for one in factors[n]], float) for n in chosen for level in set(factors[n])]
        design = np.column_stack(design)
        return np.sum((values - design @ np.linalg.pinv(design) @ values) ** 2)

    orders = list(itertools.permutations(names))
    added = dict.fromkeys(names, 0.0)
    for order in orders:
        for i, name in enumerate(order):
            added[name] += (residual(order[:i]) - residual(order[: i + 1])) / len(orders)
    total = residual(())
    return {name: value / total for name, value in added.items()} | {"interactions": residual(names) / total}


@pytest.mark.parametrize("seed", range(5))
def test_unbalanced_designs_average_over_the_orders(seed):
    rng = np.random.default_rng(seed)
    n = 23
    factors = {"a": list("xy"), "b": list("xyz"), "c": list("xy"), "d": list("wxyz")}
    factors = {
        name: rng.choice(levels, n, p=rng.dirichlet([2] * len(levels))).tolist() for name, levels in factors.items()
    }
    values = rng.standard_normal(n) + 2 * (np.array(factors["a"]) == "x") - (np.array(factors["b"]) == "z")
    found = shares(values, factors)
    assert found == pytest.approx(by_every_order(values, factors), abs=1e-10)
    assert sum(found.values()) == pytest.approx(1)


def test_aliased_choices_share_alike_and_nothing_is_counted_twice():
    one, values = ["x", "x", "y", "y", "y"], [0.0, 0.2, 1.0, 1.1, 0.9]
    found = shares(values, {"a": one, "b": one})
    assert found["a"] == pytest.approx(found["b"])
    assert sum(found.values()) == pytest.approx(1)


def test_many_orthogonal_choices_are_exact_and_other_designs_nearly(monkeypatch):
    design = hadamard(16)[:, 1:13]
    effects = np.linspace(0.1, 1.2, 12)
    factors = {f"c{i}": [str(v) for v in design[:, i]] for i in range(12)}
    found = shares(design @ effects, factors)
    assert [found[f"c{i}"] for i in range(12)] == pytest.approx(effects**2 / (effects @ effects))
    rng = np.random.default_rng(0)
    rows = rng.choice([-1, 1], (40, 5))
    rows[:, 1] = np.where(rng.random(40) < 0.7, rows[:, 0], rows[:, 1])
    factors = {f"c{i}": [str(v) for v in rows[:, i]] for i in range(5)}
    values = rows @ [1.0, 0.5, 0.3, 0, 0.8] + rng.standard_normal(40)
    exact = shares(values, factors)
    monkeypatch.setattr(shapley, "MOST_EXACT", 3)
    assert shares(values, factors) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("values", [[0.3] * 4, [0.3], []])
def test_where_nothing_varies_there_is_nothing_to_share(values):
    found = shares(values, {"a": ["x", "y", "x", "y"][: len(values)]})
    assert all(math.isnan(value) for value in found.values())


BOLD = {"fwhm_mm": 0.75, "global_signal": True, "filtering": "butterworth", "filter_padding": "odd"}


def settings(**changes):
    complete = {
        "recordings": "a.tsv",
        "bold": BOLD,
        "hrf": {"p": [4, 4]},
        "nulls": {"surrogates": 0},
    }
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name:
            complete[section] = complete[section] | {name: value}
        else:
            complete[section] = value
    return complete


def test_choices_are_the_settings_that_differ():
    found = multiverse.choices(
        {
            "reference": settings(),
            "no_gsr": settings(bold__global_signal=False, recordings="b.tsv"),
            "rigorous": settings(
                bold={**BOLD, "filtering": "projector", "filter_padding": "even"}, nulls__surrogates=9
            ),
            "hrf-001": settings(hrf__p=[6, 16], choices={"hrf.p": "human"}),
        }
    )
    assert found == {
        "bold.global_signal": {"reference": "true", "no_gsr": "false", "rigorous": "true", "hrf-001": "true"},
        "bold.filtering + bold.filter_padding": {
            "reference": "butterworth + odd",
            "no_gsr": "butterworth + odd",
            "rigorous": "projector + even",
            "hrf-001": "butterworth + odd",
        },
        "hrf.p": {"reference": "[4, 4]", "no_gsr": "[4, 4]", "rigorous": "[4, 4]", "hrf-001": "human"},
    }
    assert multiverse.choices({"reference": settings(), "same": settings()}) == {}


def headline(value, measure="temporal_r", site="M1"):
    limits = {"ci_low": value - 0.1, "ci_high": value + 0.1, "n": 4.0, "n_animals": 2.0}
    return {"state": "sedated", "site": site, "measure": measure, "value": value, **limits}


FACTORIAL = {
    "reference": settings(),
    "b": settings(bold__global_signal=False),
    "c": settings(hrf__p=[6, 16]),
    "d": settings(bold__global_signal=False, hrf__p=[6, 16]),
}
VALUES = {"reference": 0.5, "b": 0.2, "c": 0.6, "d": 0.3}  # −.3 without global signal, +.1 by the other response


def test_the_curve_is_sorted_and_names_reference_and_rigorous():
    rows = multiverse.curve(
        {
            "first": [headline(0.4), headline(0.9, "temporal_r2")],
            "rigorous": [headline(0.1), headline(0.3, site="ACC")],
            "reference": [headline(0.3)],
            "gone": [headline(NAN)],
        },
        {"bold.fwhm_mm": {"first": "1", "rigorous": "2", "reference": "1", "gone": "3"}},
    )
    of = [row for row in rows if row["site"] == "M1"]
    assert [row["variant"] for row in of] == ["rigorous", "reference", "first", "gone"]
    assert [row["role"] for row in of] == ["rigorous", "reference", "", ""]
    assert [row["rank"] for row in of[:3]] == [1, 2, 3] and math.isnan(of[3]["rank"])
    assert [row["bold.fwhm_mm"] for row in of] == ["2", "1", "1", "3"]
    assert (of[0]["value"], of[0]["ci_low"], of[0]["ci_high"]) == (0.1, 0.0, 0.2)
    assert {row["measure"] for row in rows} == {"temporal_r"}  # squares stand in headline.tsv
    assert multiverse.reference_of(["x", "y"]) == "x"


def test_effects_are_those_that_were_put_in():
    choices = multiverse.choices(FACTORIAL)
    rows = multiverse.curve({name: [headline(value)] for name, value in VALUES.items()}, choices)
    found = {(row["choice"], row["level"]): row for row in multiverse.effects(rows, choices)}
    assert found["bold.global_signal", "all"]["share"] == pytest.approx(0.09 / 0.10)
    assert found["hrf.p", "all"]["share"] == pytest.approx(0.01 / 0.10)
    assert found["interactions", "all"]["share"] == pytest.approx(0, abs=1e-12)
    assert found["bold.global_signal", "all"]["difference"] == pytest.approx(-0.3)
    assert found["bold.global_signal", "false"]["difference"] == pytest.approx(-0.3)
    assert found["bold.global_signal", "true"]["difference"] == 0
    assert found["bold.global_signal", "false"]["mean"] == pytest.approx(0.25)
    assert found["hrf.p", "[6, 16]"]["difference"] == pytest.approx(0.1)
    # Without the variant that changes it alone, there is no difference one at a time.
    rows = [row for row in rows if row["variant"] != "b"]
    found = {(row["choice"], row["level"]): row for row in multiverse.effects(rows, choices)}
    assert math.isnan(found["bold.global_signal", "false"]["difference"])
    assert math.isnan(found["bold.global_signal", "all"]["difference"])


def test_variants_that_make_the_same_choices_count_once():
    again = FACTORIAL | {"twin": settings(nulls__surrogates=1000), "grid-001": settings(hrf__p=[6, 16])}
    choices = multiverse.choices(again)
    assert set(choices) == {"bold.global_signal", "hrf.p"}  # surrogates move no value of the headline
    values = VALUES | {"twin": VALUES["reference"], "grid-001": VALUES["c"]}
    rows = multiverse.curve({name: [headline(value)] for name, value in values.items()}, choices)
    assert len(rows) == 6
    found = [row for row in multiverse.effects(rows, choices) if row["level"] == "all"]
    assert [row["share"] for row in found] == pytest.approx([0.9, 0.1, 0], abs=1e-12)
    assert {row["n_variants"] for row in found} == {4}


def test_of_variants_with_the_same_choices_the_reference_is_the_one_that_counts():
    """A twin comes first, by name and by value: differences are those to the reference all the same."""
    variants = {"twin": settings(nulls__surrogates=1000)} | FACTORIAL
    choices = multiverse.choices(variants)
    rows = multiverse.curve({name: [headline((VALUES | {"twin": 0.1})[name])] for name in variants}, choices)
    found = {(row["choice"], row["level"]): row for row in multiverse.effects(rows, choices)}
    assert found["bold.global_signal", "false"]["difference"] == pytest.approx(0.2 - 0.5)
    assert found["bold.global_signal", "true"]["mean"] == pytest.approx((0.5 + 0.6) / 2)
    assert found["hrf.p", "[6, 16]"]["difference"] == pytest.approx(0.6 - 0.5)


def test_the_largest_difference_of_a_choice_is_that_of_the_largest_size():
    variants = {"reference": settings(), "b": settings(bold__fwhm_mm=1.0), "c": settings(bold__fwhm_mm=0.0)}
    choices = multiverse.choices(variants)
    values = {"reference": 0.5, "b": 0.6, "c": 0.2}
    rows = multiverse.curve({name: [headline(value)] for name, value in values.items()}, choices)
    found = {row["level"]: row["difference"] for row in multiverse.effects(rows, choices) if row["choice"] in choices}
    assert found == pytest.approx({"all": -0.3, "0.75": 0.0, "1": 0.1, "0": -0.3})


def test_identical_variants_move_nothing():
    choices = multiverse.choices(FACTORIAL)
    rows = multiverse.curve({name: [headline(0.4)] for name in FACTORIAL}, choices)
    found = multiverse.effects(rows, choices)
    assert all(math.isnan(row["share"]) for row in found if row["level"] == "all")
    assert {row["difference"] for row in found if row["level"] == "false"} == {0.0}
    assert sentence("temporal r", rows, found) == "temporal r is .40 in all variants."


def test_a_single_variant_has_no_choices():
    rows = multiverse.curve({"reference": [headline(0.4)]}, {})
    assert len(rows) == 1 and multiverse.effects(rows, {}) == []
    assert specification(rows, [], "gamma", "M1, sedated").only_words


@pytest.mark.parametrize("count", [3, 12, 64])
def test_the_figure_shows_every_variant_once_and_its_choices(count, tmp_path):
    """From the files, as the workflow draws it: a column of numbers comes back as numbers."""
    levels = [str(i % 4) for i in range(count)]
    names = ["reference", "rigorous", *(f"grid-{i:03d}" for i in range(count - 2))]
    choices = {"bold.fwhm_mm": dict(zip(names, levels, strict=True))}
    rng = np.random.default_rng(1)
    headlines = {
        name: [headline(float(v), m) for m, v in zip(("temporal_r", "spatial_r_group"), rng.random(2), strict=True)]
        for name in names
    }
    rows = multiverse.curve(headlines, choices)
    effects = multiverse.effects(rows, choices)
    files.write_table(tmp_path / "curve.tsv", rows, multiverse.curve_columns(choices))
    files.write_table(tmp_path / "choices.tsv", effects, multiverse.EFFECTS)
    read = [files.read_table(tmp_path / f"{name}.tsv") for name in ("curve", "choices")]
    figure = specification(*read, "gamma", "M1, sedated")
    for column, measure in enumerate(("temporal_r", "spatial_r_group")):
        upper, lower = figure.axes[column], figure.axes[2 + column]
        drawn = np.vstack([dots.get_offsets() for dots in upper.collections])
        expected = sorted(row["value"] for row in rows if row["measure"] == measure)
        np.testing.assert_allclose(drawn[np.argsort(drawn[:, 0])], np.column_stack([range(count), expected]), rtol=1e-7)
        dots = np.vstack([dots.get_offsets() for dots in lower.collections])
        lines = list(dict.fromkeys(levels))
        order = [row["variant"] for row in rows if row["measure"] == measure]
        assert [text.get_text() for text in lower.get_xticklabels()] == (order if count <= 12 else [])
        found = {(int(x), lines[int(-y)]) for x, y in dots}
        assert found == {(i, choices["bold.fwhm_mm"][name]) for i, name in enumerate(order)}
    assert figure.get_figwidth() < 19
