"""Settings of the made-up study."""

import pytest

from lfpbold.study import settings


@pytest.fixture
def config():
    return settings.load(
        [],
        {
            "atlas": {"labels": "labels.nii.gz"},
            "bands": {"delta": [1, 4], "gamma": [40, 100]},
            "networks": {"removal_bands": ["delta", "gamma"]},
        },
    )
