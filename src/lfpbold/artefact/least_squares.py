"""The least-squares fit of a template and its derivative to acquisitions."""

from __future__ import annotations

import numpy as np


def fitted(observed, regressors, valid, fit) -> np.ndarray:
    """Least-squares fit of one or two regressors to each row; to differences where asked for.

    Samples are fitted with an intercept, which is not part of what is returned: it is the row's own baseline.
    """
    beta, gamma, _ = coefficients(observed, regressors, valid, fit)
    if len(regressors) == 1:
        return beta[:, None] * regressors[0]
    return beta[:, None] * regressors[0] + gamma[:, None] * regressors[1]


def coefficients(observed, regressors, valid, fit):
    """β and γ of each row, and the standard error of γ.

    Returns
    -------
    beta, gamma, error : ndarray, shape (n_rows,)
        The last two are zero with one regressor.
    """
    if fit == "samples":
        n = np.maximum(valid.sum(axis=1, keepdims=True), 1)
        seen, *shapes = (np.where(valid, rows - (rows * valid).sum(axis=1, keepdims=True) / n, 0)
                         for rows in (observed, *regressors))  # fmt: skip
    else:
        both = valid[:, 1:] & valid[:, :-1]
        seen, *shapes = (np.where(both, np.diff(rows, axis=1), 0) for rows in (observed, *regressors))
    tiny = np.finfo(float).tiny
    power = np.maximum((shapes[0] * shapes[0]).sum(axis=1), tiny)
    beta = (seen * shapes[0]).sum(axis=1) / power
    if len(regressors) == 1:
        return beta, np.zeros_like(beta), np.zeros_like(beta)
    overlap = (shapes[0] * shapes[1]).sum(axis=1) / power
    unique = shapes[1] - overlap[:, None] * shapes[0]
    unique_power = np.maximum((unique * unique).sum(axis=1), tiny)
    gamma = (seen * unique).sum(axis=1) / unique_power
    rest = np.maximum((seen * seen).sum(axis=1) - beta**2 * power - gamma**2 * unique_power, 0)
    error = np.sqrt(rest / np.maximum(valid.sum(axis=1) - 2, 1) / unique_power)
    return beta - gamma * overlap, gamma, error
