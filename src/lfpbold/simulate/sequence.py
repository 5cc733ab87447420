"""The gradient-echo sequence: how large the signal is, and how much of a change in R2* it shows."""

from __future__ import annotations

import numpy as np

REFERENCE_ECHO_S, REFERENCE_TR_S = 0.015, 1.0
"""The study's sequence, at which `intensity` and `cnr` are given."""

GYROMAGNETIC_HZ = 42.577e6
"""Of the proton, Hz per tesla."""


def relaxation(field_tesla: float) -> tuple[float, float]:
    r"""T1 and T2* of grey matter in s by field strength.

    .. math:: T_1 = 0.00116 \, (\gamma B_0)^{0.376} \qquad R_2^* = 3.74 \, B_0 + 9.77

    The first is the fit of Rooney et al. (Magn Reson Med 2007;57:308) to grey matter of 0.2 to 7 T; it gives 1.99 s at
    9.4 T, where de Graaf et al. (Magn Reson Med 2006;56:386) measured 1.95 s in the rat's cortex. The second is the one
    that Uludag et al. (NeuroImage 2009;48:150) put together for tissue between 1.5 and 16.4 T. At the study's 7 T:
    1.78 s and 27.8 ms.

    Examples
    --------
    >>> [round(x, 3) for x in relaxation(7.0)]
    [1.781, 0.028]
    """
    t1_s = 0.00116 * (GYROMAGNETIC_HZ * field_tesla) ** 0.376
    return float(t1_s), float(1 / (3.74 * field_tesla + 9.77))


def ernst_angle(repetition_time_s: float, t1_s: float) -> float:
    """Flip angle in rad of the largest steady-state signal, arccos(exp(-TR / T1)) (Ernst and Anderson 1966)."""
    return float(np.arccos(np.exp(-repetition_time_s / t1_s)))


def gradient_echo(m0, echo_time_s: float, repetition_time_s: float, flip_rad: float, t1_s: float, r2star_per_s):
    r"""Signal of a spoiled gradient echo in its steady state.

    .. math::

        S = M_0 \, \sin\alpha \, \frac{1 - E_1}{1 - E_1 \cos\alpha} \, e^{-TE \, R_2^*}, \qquad E_1 = e^{-TR / T_1}

    Parameters
    ----------
    m0 : float or ndarray
        Equilibrium magnetisation, any unit.
    echo_time_s, repetition_time_s : float
    flip_rad : float
    t1_s : float
    r2star_per_s : float or ndarray

    Returns
    -------
    float or ndarray
        In the unit of `m0`. To first order a change of R2* changes it by -TE times that, relative to itself; in
        absolute terms this is largest at TE = T2*.
    """
    e1 = np.exp(-repetition_time_s / t1_s)
    steady = np.sin(flip_rad) * (1 - e1) / (1 - e1 * np.cos(flip_rad))
    return m0 * steady * np.exp(-echo_time_s * np.asarray(r2star_per_s))


def tissue(p) -> tuple[float, float, float]:
    """T1 (s), R2* (1/s) and flip angle (rad) of a simulation: what its parameters say, else by field and TR."""
    t1, t2star = relaxation(p.field_tesla)
    t1, t2star = p.t1_s or t1, p.t2star_s or t2star
    flip = ernst_angle(p.tr_s, t1) if p.flip_angle_deg is None else np.deg2rad(p.flip_angle_deg)
    return t1, 1 / t2star, float(flip)


def first_volumes(p) -> np.ndarray:
    """Signal of each volume relative to the steady state, when `unsteady_start` of the magnetisation is too much.

    Longitudinal magnetisation nears its steady state by E1 cos(flip) with every pulse, from that of rest:
    1 + (M0 / Mss - 1) (E1 cos(flip))^n. Shape (n_volumes,).
    """
    t1, _, flip = tissue(p)
    e1 = np.exp(-p.tr_s / t1)
    excess = (1 - e1 * np.cos(flip)) / (1 - e1) - 1
    return 1 + p.unsteady_start * excess * (e1 * np.cos(flip)) ** np.arange(p.n_volumes)


def steady_from(p, tolerance: float = 0.01) -> int:
    """First volume whose signal is within a hundredth of the steady state."""
    return int(np.argmax(np.abs(first_volumes(p) - 1) < tolerance))


def brightness(p) -> float:
    """Signal of the simulation's sequence, relative to that of the reference sequence with its own Ernst angle."""
    t1, r2star, flip = tissue(p)
    reference = gradient_echo(1.0, REFERENCE_ECHO_S, REFERENCE_TR_S, ernst_angle(REFERENCE_TR_S, t1), t1, r2star)
    return float(gradient_echo(1.0, p.echo_time_s, p.tr_s, flip, t1, r2star) / reference)
