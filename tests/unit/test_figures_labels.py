"""Every value of a table that figures and the report show by name has a label."""

import re

from lfpbold.derivatives.columns import nulls, study
from lfpbold.figures import labels
from lfpbold.pipeline import mediation
from lfpbold.pipeline.group import published
from lfpbold.results import specification


def test_measures_have_labels():
    assert {*labels.PUBLISHED, *labels.PUBLISHED_ONCE} == set(published.MEASURES)
    assert set(labels.PUBLISHED) <= set(labels.CORRELATIONS)
    assert set(labels.MEDIATION) == {*mediation.MEASURES.values(), "excess"}
    assert set(labels.HEADLINE) <= set(specification.MEASURES)


def test_values_that_a_description_lists_have_labels():
    def named(description: str) -> set[str]:
        return set(re.findall(r"(\w+): ", description))

    assert set(labels.RELIABILITY) == named(nulls.RELIABILITY["measure"][0])
    assert set(labels.RESPONSES) == named(nulls.HRFCHOICE["method"][0])
    for label in labels.TESTS:
        assert re.search(rf"\b{label}\b", study.TTESTS["test"][0]), label
    for label in labels.COEFFICIENTS:
        assert re.search(rf"\b{label} \(", study.TTESTS["measure"][0]), label
    for label in labels.MAP_PAIRS:
        assert re.search(rf"\b{label}\b", nulls.INTER_SCAN["map"][0]), label
