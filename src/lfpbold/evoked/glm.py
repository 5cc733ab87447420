"""First-level general linear model of an evoked run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..hemodynamics.hrf import spm_hrf

OVERSAMPLING = 50  # steps of a TR in which stimuli are convolved; nilearn's default
RESPONSE_S = 24.0  # stimuli that began earlier before the scan leave nothing in it


@dataclass(frozen=True)
class Events:
    """Stimuli of a run, on the time of its first volume that is analysed.

    Attributes
    ----------
    onsets_s, durations_s : array of float, shape (n_events,)
        A duration of 0 is an impulse, as strong as a stimulus of one second.
    kinds : list of str
        `trial_type` of each.
    """

    onsets_s: np.ndarray
    durations_s: np.ndarray
    kinds: list

    @property
    def names(self) -> list[str]:
        """Trial types in alphabetical order."""
        return sorted(set(self.kinds))

    def of(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """Onsets and durations of one trial type."""
        of_kind = np.array([other == kind for other in self.kinds], dtype=bool)
        return self.onsets_s[of_kind], self.durations_s[of_kind]


@dataclass(frozen=True)
class Design:
    """Design matrix of a run.

    Attributes
    ----------
    matrix : array of float, shape (n_volumes, n_columns)
        Trial types first, then nuisance, left-out volumes, drift and the constant.
    names : list of str
    kinds : list of str
        Trial types, which the first columns are.
    """

    matrix: np.ndarray
    names: list
    kinds: list

    @property
    def stimuli(self) -> np.ndarray:
        """Columns of the trial types."""
        return self.matrix[:, : len(self.kinds)]

    @property
    def rest(self) -> np.ndarray:
        """All other columns."""
        return self.matrix[:, len(self.kinds) :]


@dataclass(frozen=True)
class Fit:
    """A fitted model: nilearn's labels and results, and the first-order autocorrelation of each voxel's noise."""

    labels: np.ndarray
    results: dict
    rho: np.ndarray
    df: float


def design(
    events: Events,
    n_volumes: int,
    tr_s: float,
    hrf_p,
    *,
    sample_at_s: float = 0.0,
    high_pass_hz: float = 0.01,
    nuisance=None,
    left_out=None,
) -> Design:
    """Stimuli convolved with the hemodynamic response, with everything else that moves the signal.

    The columns of the stimuli are nilearn's, with SPM's response of seven parameters in place of its own: of unit
    integral, so that the weight of a stimulus that lasts is the change of signal that it holds. Drift is nilearn's
    discrete cosine set (as SPM's). A censored volume has a column of its own, which removes it from the fit and leaves
    the autocorrelation of the others as it is.

    Parameters
    ----------
    events : Events
    n_volumes : int
    tr_s : float
    hrf_p : sequence of 7 floats
        Of `hrf.spm_hrf`.
    sample_at_s : float
        Time within a volume at which the model is sampled.
    high_pass_hz : float
        Cosines up to this frequency model the drift.
    nuisance : array of float, shape (n_volumes, n_nuisance), optional
        Without a constant.
    left_out : array of bool, shape (n_volumes,), optional

    Returns
    -------
    design : Design

    Raises
    ------
    InputError
        When a trial type leaves nothing in the volumes that are analysed, or the columns are as many as the volumes.
    """
    from nilearn.glm.first_level import compute_regressor, make_first_level_design_matrix

    def response(tr, oversampling=OVERSAMPLING):
        return spm_hrf(tr / oversampling, hrf_p)

    times, kinds = np.arange(n_volumes) * tr_s + sample_at_s, events.names
    stimuli = []
    for kind in kinds:
        onsets, durations = events.of(kind)
        strength = np.where(durations == 0, OVERSAMPLING / tr_s, 1.0)
        made, _ = compute_regressor(
            (onsets, durations, strength), response, times, oversampling=OVERSAMPLING, min_onset=-RESPONSE_S
        )
        stimuli.append(made[:, 0])
    left_out = np.zeros(n_volumes, dtype=bool) if left_out is None else np.asarray(left_out, dtype=bool)
    for column, kind in zip(stimuli, kinds, strict=True):
        if not np.ptp(column[~left_out]) > 0:
            raise InputError(
                f"the trial type `{kind}` leaves nothing in the volumes that are kept; take it out of the events, or"
                " exclude the run"
            )
    extra = np.zeros((n_volumes, 0)) if nuisance is None else np.asarray(nuisance, dtype=float)
    extra = np.column_stack([*stimuli, np.where(left_out[:, None], 0.0, extra), np.eye(n_volumes)[:, left_out]])
    names = [f"stimulus_{i}" for i in range(len(kinds))]
    names += [f"nuisance_{i}" for i in range(extra.shape[1] - len(kinds) - left_out.sum())]
    names += [f"volume_{i}" for i in np.flatnonzero(left_out)]
    frame = make_first_level_design_matrix(
        times, drift_model="cosine", high_pass=high_pass_hz, add_regs=extra, add_reg_names=names
    )
    if frame.shape[1] >= n_volumes:
        raise InputError(
            f"the model has {frame.shape[1]} columns for {n_volumes} volumes; lower evoked.high_pass_hz, or exclude the"
            " run"
        )
    return Design(frame.to_numpy(), [*kinds, *frame.columns[len(kinds) :]], kinds)


def fit(data, matrix, noise_model: str = "ar1") -> Fit:
    """Fit a model to every voxel, with noise that is white or autocorrelated from volume to volume.

    nilearn's models, as its `run_glm` fits them: data and design are whitened by the autocorrelation of what least
    squares leave, rounded to hundredths (Cochrane & Orcutt 1949). That autocorrelation is too small, since the fit has
    taken its share; here the bias is removed first (`autocorrelation`), without which .07 of t and .085 of clusters
    are beyond .05 by chance in 200 volumes.

    Parameters
    ----------
    data : array of float, shape (n_volumes, n_voxels)
        No constant voxels.
    matrix : array of float, shape (n_volumes, n_columns)
    noise_model : {"ar1", "ols"}
    """
    from nilearn.glm import ARModel, OLSModel

    data, matrix = np.asarray(data, dtype=float), np.asarray(matrix, dtype=float)
    plain = OLSModel(matrix).fit(data)
    if noise_model == "ols":
        return Fit(np.zeros(data.shape[1]), {0.0: plain}, np.zeros(data.shape[1]), float(plain.df_residuals))
    rho = np.round(autocorrelation(np.asarray(plain.residuals), matrix), 2) + 0.0
    results = {value: ARModel(matrix, value).fit(data[:, rho == value]) for value in np.unique(rho)}
    return Fit(rho, results, rho, float(plain.df_residuals))


def autocorrelation(residuals, matrix) -> np.ndarray:
    """First-order autocorrelation of the noise from residuals of least squares, without the bias of the fit.

    Sums of products of residuals at lags 0 and 1 are, on average, a matrix times the autocovariances of the noise:
    M[l, k] = tr(Dₗ R (Dₖ + Dₖᵀ)/(1 + δₖ₀) R) with R the projection on what the design leaves and D₁ a shift by one
    volume; it is inverted (Worsley et al. 2002, NeuroImage 15:1, appendix A).

    Parameters
    ----------
    residuals : array of float, shape (n_volumes, n_voxels)
    matrix : array of float, shape (n_volumes, n_columns)

    Returns
    -------
    rho : ndarray, shape (n_voxels,)
        Between −.95 and .95.
    """
    n = len(matrix)
    left = np.eye(n) - matrix @ np.linalg.pinv(matrix)
    shift = np.eye(n, k=1)
    spread = left @ (shift + shift.T) @ left
    expected = np.array([[np.trace(left), np.trace(spread)], [np.trace(shift @ left), np.trace(shift @ spread)]])
    products = np.stack([(residuals**2).sum(axis=0), (residuals[1:] * residuals[:-1]).sum(axis=0)])
    own = np.linalg.solve(expected, products)
    return np.clip(own[1] / own[0], -0.95, 0.95)


def contrast(fitted: Fit, weights) -> dict:
    """One contrast in every voxel.

    Parameters
    ----------
    fitted : Fit
    weights : array of float, shape (n_columns,)

    Returns
    -------
    result : dict
        `effect` in the units of the data, `t`, and `z` of the same one-sided p; (n_voxels,) each.
    """
    from nilearn.glm.contrasts import compute_contrast

    estimate = compute_contrast(fitted.labels, fitted.results, np.asarray(weights, dtype=float), stat_type="t")
    z = np.asarray(estimate.z_score())
    return {"effect": np.ravel(estimate.effect), "t": np.ravel(estimate.stat()), "z": np.ravel(z)}


def adjusted(data, matrix: Design) -> np.ndarray:
    """Data without what the nuisance columns explain beside the stimuli; the constant stays.

    Parameters
    ----------
    data : array of float, shape (n_volumes, n)
    matrix : Design

    Returns
    -------
    adjusted : ndarray, shape (n_volumes, n)
    """
    data = np.asarray(data, dtype=float)
    weights = np.linalg.lstsq(matrix.matrix, data, rcond=None)[0]
    moved = np.array([name != "constant" for name in matrix.names]) & (np.arange(len(weights)) >= len(matrix.kinds))
    return data - matrix.matrix[:, moved] @ weights[moved]


def contrast_weights(contrasts: dict, kinds) -> dict[str, np.ndarray]:
    """Contrasts over the trial types of a run.

    Parameters
    ----------
    contrasts : dict of name to {trial type: weight}
        Of the settings. Those that name a trial type which the run does not have are another task's.
    kinds : list of str

    Returns
    -------
    weights : dict of name to ndarray, shape (n_kinds,)
        Where none is left, each trial type against baseline.
    """
    weights = {name: by_kind for name, by_kind in contrasts.items() if set(by_kind) <= set(kinds)}
    weights = weights or {kind: {kind: 1.0} for kind in kinds}
    return {name: np.array([float(by_kind.get(kind, 0.0)) for kind in kinds]) for name, by_kind in weights.items()}
