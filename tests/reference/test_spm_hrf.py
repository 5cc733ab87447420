"""The hemodynamic response against SPM12's own output (`spm_hrf`, r7721)."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.hemodynamics.hrf import spm_hrf


@pytest.mark.parametrize(
    ("file", "tr_s", "p"),
    [
        ("hrf_rodent_tr1_T16.csv", 1.0, (4, 4, 1, 1, 6, 0, 32)),
        ("hrf_rodent_tr0p1_T16.csv", 0.1, (4, 4, 1, 1, 6, 0, 32)),
        ("hrf_canonical_tr2_T16.csv", 2.0, (6, 16, 1, 1, 6, 0, 32)),
    ],
)
def test_response_is_spm_s(shared_reference, file, tr_s, p):
    expected = np.loadtxt(shared_reference / file)
    got = spm_hrf(tr_s, p)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)  # the files hold 15 digits
