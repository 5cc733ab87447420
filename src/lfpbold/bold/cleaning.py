"""From realigned BOLD to a signal that can be correlated: smoothing, nuisance regression, band-pass."""

from __future__ import annotations

import numpy as np
import scipy

from ..errors import InputError

FWHM_TO_SIGMA = 1 / np.sqrt(8 * np.log(2))
ROWS, COLUMNS = 16, 1024  # volumes and voxels that are filtered at once, whatever the number of cores


def smooth(bold, voxel_mm, fwhm_mm: float) -> np.ndarray:
    """Gaussian smoothing of every volume.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, x, y, z)
    voxel_mm : sequence of 3 floats
        Voxel edges, mm.
    fwhm_mm : float
        Full width at half maximum, mm; 0 leaves the data as they are.

    Returns
    -------
    smoothed : ndarray of float32, same shape
    """
    bold = np.asarray(bold, dtype=np.float32)
    if fwhm_mm == 0:
        return bold
    sigma = fwhm_mm * FWHM_TO_SIGMA / np.asarray(voxel_mm, dtype=float)
    return scipy.ndimage.gaussian_filter(bold, (0, *sigma), mode="nearest", output=np.float32)


def mean_brain_mask(mean_volume) -> np.ndarray:
    """A mask where no atlas gives one: the largest connected part above a fifth of the 98th percentile, filled."""
    bright = mean_volume > 0.2 * np.percentile(mean_volume, 98)
    labels, count = scipy.ndimage.label(bright)
    if count == 0:
        raise InputError("the mean image is empty, so that no brain mask can be made of it; set atlas.brain")
    sizes = np.bincount(labels.ravel())[1:]
    return scipy.ndimage.binary_fill_holes(labels == 1 + sizes.argmax())


def nuisance_regressors(bold, masks: dict, motion=None, *, detrend="linear") -> tuple[np.ndarray, list[str]]:
    """Assemble the nuisance regressors.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, x, y, z)
        Smoothed BOLD.
    masks : dict of name to bool array, shape (x, y, z)
        Regions whose mean is a regressor, such as `white_matter`, `ventricles`, `global_signal`.
    motion : array of float, shape (n_volumes, 6), optional
    detrend : {"linear", "constant"}

    Returns
    -------
    regressors : ndarray, shape (n_volumes, n_regressors)
        Constant first; the others with mean 0 and unit standard deviation.
    names : list of str
    """
    columns, names = [], []
    if detrend == "linear":
        columns.append(np.linspace(-1, 1, len(bold)))
        names.append("trend")
    if motion is not None:
        columns.extend(np.asarray(motion, dtype=float).T)
        names.extend(["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"])
    for name, mask in masks.items():
        if not mask.any():
            raise InputError(f"the mask for the nuisance regressor {name} is empty in this image; correct atlas.{name}")
        columns.append(bold[:, mask].mean(axis=1, dtype=float))
        names.append(name)
    scaled = [_standardise(column) for column in columns]
    return np.column_stack([np.ones(len(bold)), *scaled]), ["constant", *names]


def _standardise(column):
    column = column - column.mean()
    spread = column.std()
    return column / spread if spread > 0 else column


def regress_out(series, regressors) -> np.ndarray:
    """Residual of ordinary least squares: Y − X X⁺ Y, by singular values so that collinear regressors do no harm.

    Parameters
    ----------
    series : array of float, shape (n_volumes, n_voxels)
    regressors : array of float, shape (n_volumes, n_regressors)

    Returns
    -------
    residual : ndarray, shape (n_volumes, n_voxels)

    Raises
    ------
    InputError
        When there are no more volumes than regressors, both do not cover the same volumes, or a regressor holds NaN.
    TypeError
        When an array is not two-dimensional.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0], [2.0], [4.0]])
    >>> regress_out(y, np.column_stack([np.ones(3), [0, 1, 3]])).round(12).ravel().tolist()
    [0.0, 0.0, 0.0]
    """
    regressors = np.asarray(regressors, dtype=float)
    if np.ndim(series) != 2 or regressors.ndim != 2:
        raise TypeError(
            f"series and regressors must have the shape (n_volumes, n), not {np.shape(series)} and {regressors.shape}"
        )
    if len(regressors) != len(series):
        raise InputError(
            f"the regressors have {len(regressors)} volumes and the series {len(series)}; both must cover the same"
        )
    if not np.isfinite(regressors).all():
        raise InputError("a regressor holds NaN or infinity, so that it cannot be regressed out; leave it away")
    if len(regressors) <= regressors.shape[1]:
        raise InputError(
            f"{len(regressors)} volumes are too few for {regressors.shape[1]} nuisance regressors; relax the scrubbing"
        )
    u, s, _ = np.linalg.svd(regressors, full_matrices=False)
    basis = u[:, s > s[0] * 1e-10]
    series = np.asarray(series, dtype=float)
    residual = np.empty_like(series)
    for start in range(0, series.shape[1], COLUMNS):
        columns = slice(start, start + COLUMNS)
        np.subtract(series[:, columns], basis @ (basis.T @ series[:, columns]), out=residual[:, columns])
    return residual


def band_pass(series, tr_s: float, band_hz, *, order: int = 2, padding: str = "odd") -> np.ndarray:
    """Butterworth band-pass, forwards and backwards (zero phase).

    Parameters
    ----------
    series : array of float, shape (n_volumes, n_voxels)
    tr_s : float
        Sampling interval, s.
    band_hz : pair of float or None
        Edges, Hz; None leaves the data as they are.
    order : int
        Of the filter before it is applied twice, as `butter(order, …)` of MATLAB and SciPy count it.
    padding : {"odd", "even", "gustafsson"}
        Continuation beyond the ends. `odd` is MATLAB's and SciPy's default and raises the variance of the first and
        last volumes about fourfold at 0.01–0.1 Hz; `even` reflects over one period of the lower edge; `gustafsson`
        chooses the continuation that makes forwards-backwards and backwards-forwards agree (Gustafsson 1996).

    Returns
    -------
    filtered : ndarray, shape (n_volumes, n_voxels)

    Raises
    ------
    InputError
        When the band does not lie between 0 and the Nyquist frequency, the series is too short to filter, the order is
        below 1, or there is no such padding.

    Examples
    --------
    Of a sine within the band and one above it, of amplitude 1 each, the first stays:

    >>> times_s = np.arange(1000.0)
    >>> slow, fast = np.sin(2 * np.pi * 0.03 * times_s), np.sin(2 * np.pi * 0.4 * times_s)
    >>> filtered = band_pass((slow + fast)[:, None], 1.0, (0.01, 0.1))[:, 0]
    >>> bool(np.abs(filtered - slow)[200:-200].max() < 0.02)
    True
    """
    series = np.asarray(series, dtype=float)
    if band_hz is None:
        return series
    if padding not in ("odd", "even", "gustafsson"):
        raise InputError(f"padding is {padding!r}; choose one of odd, even, gustafsson")
    if order < 1 or not 0 < band_hz[0] < band_hz[1] or not 0 < tr_s < np.inf:
        raise InputError(
            f"a filter of order {order} for {band_hz[0]:g}–{band_hz[1]:g} Hz at a TR of {tr_s:g} s is none; give an"
            " order of 1 or more, edges that ascend from above 0, and a TR in seconds"
        )
    n_padding = require_band(len(series), tr_s, band_hz, order)
    sections = scipy.signal.butter(order, band_hz, "bandpass", fs=1 / tr_s, output="sos")
    if padding == "gustafsson":
        if order > 4:
            raise InputError("bold.filter_padding: gustafsson is unstable above order 4; lower bold.filter_order")
        b, a = scipy.signal.butter(order, band_hz, "bandpass", fs=1 / tr_s)
        return scipy.signal.filtfilt(b, a, series, axis=0, method="gust")
    if padding == "even":
        n_padding = min(len(series) - 1, round(1 / (band_hz[0] * tr_s)))
    shape = series.shape
    series = series.reshape(len(series), -1)
    filtered, step = np.empty_like(series), _block_response(sections)
    for start in range(0, series.shape[1], COLUMNS):
        continued = _continued(series[:, start : start + COLUMNS], n_padding, padding)
        for direction in (1, -1):
            _filter(continued, scipy.signal.sosfilt_zi(sections), step, direction)
        filtered[:, start : start + COLUMNS] = continued[n_padding : n_padding + len(series)]
    return filtered.reshape(shape)


def require_band(n_volumes: int, tr_s: float, band_hz, order: int) -> int:
    """Refuse a band or a series that cannot be filtered; returns how far `filtfilt` continues a series at its ends."""
    if band_hz is None:
        return 0
    if band_hz[1] >= 0.5 / tr_s:
        raise InputError(
            f"bold.band_pass_hz: {band_hz[1]:g} Hz is not below the Nyquist frequency {0.5 / tr_s:g} Hz of TR"
            f" {tr_s:g} s"
        )
    n_padding = 3 * (2 * order + 1)
    if n_volumes <= n_padding:
        raise InputError(
            f"{n_volumes} volumes are too few to filter; set bold.band_pass_hz to null or exclude this run"
        )
    return n_padding


def _continued(series, n_padding: int, padding: str) -> np.ndarray:
    """A series and its reflection beyond its ends, through the end point (odd) or at it (even)."""
    before, after = series[n_padding:0:-1], series[-2 : -n_padding - 2 : -1]
    if padding == "odd":
        before, after = 2 * series[:1] - before, 2 * series[-1:] - after
    return np.concatenate([before, series, after])


def _block_response(sections) -> tuple:
    """What unit inputs and unit states of a filter make of a block of `ROWS` samples and of the state after it.

    The filter is linear in both, so that a block of all columns is one matrix product instead of `ROWS` steps a column.
    """
    n_states = 2 * len(sections)
    states = np.eye(n_states).reshape(len(sections), 2, n_states)
    of_input, after_input = scipy.signal.sosfilt(sections, np.eye(ROWS), axis=0, zi=np.zeros((len(sections), 2, ROWS)))
    of_state, after_state = scipy.signal.sosfilt(sections, np.zeros((ROWS, n_states)), axis=0, zi=states)
    return of_input, of_state, after_input.reshape(n_states, ROWS), after_state.reshape(n_states, n_states)


def _filter(series, zi, response, direction: int) -> None:
    """Filter in place along axis 0, forwards (1) or backwards (−1), from the steady state of the first sample."""
    of_input, of_state, after_input, after_state = response
    if direction < 0:
        of_input, of_state, after_input = of_input[::-1, ::-1], of_state[::-1], after_input[:, ::-1]
    of_input, of_state, after_input = map(np.ascontiguousarray, (of_input, of_state, after_input))
    n, state = len(series), np.outer(zi.ravel(), series[0 if direction > 0 else -1])
    for done in range(0, n, ROWS):
        rows = slice(done, done + ROWS) if direction > 0 else slice(max(0, n - done - ROWS), n - done)
        block, size = series[rows], min(ROWS, n - done)
        here = slice(0, size) if direction > 0 else slice(ROWS - size, ROWS)  # the last block may be short
        after = after_input @ block + after_state @ state if size == ROWS else state
        series[rows] = of_input[here, here] @ block + of_state[here] @ state
        state = after
