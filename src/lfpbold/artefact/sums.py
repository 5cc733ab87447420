"""What the acquisitions of a channel add up to in one pass over it, and the templates that these sums make."""

from __future__ import annotations

import numpy as np
from scipy import fft

from .drift import DriftCurve
from .folded import Slow, Spectra, image_numbers, most_probable, powers, ridge_inverse
from .plan import BlockPlan, SliceGroup, sliding_windows
from .template import BLOCK, PADDING, STANDS_OUT, faded
from .waveforms import Waveforms

JUMP = 15  # standard deviations of an acquisition's trends, beyond which they are the electrode's and no LFP


class AcquisitionSums:
    """Sums over the acquisitions of one group, weighted by the polynomials of their fractions.

    Parameters
    ----------
    plan : BlockPlan
    group : SliceGroup
    """

    def __init__(self, plan: BlockPlan, group: SliceGroup):
        self.plan, self.group = plan, group
        self._sums = np.zeros((plan.n_terms, group.length + 2 * PADDING))
        self._power = np.zeros(group.n_fft // 2 + 1 if plan.images else 0)
        self._energy = 0.0
        self._trends: list[np.ndarray] = []
        self.n = plan.whole[:, group.columns].size

    def add(self, samples, first: int, v: slice) -> None:
        """Enter some volumes; as for `BlockwiseSubtraction.add`."""
        group, plan = self.group, self.plan
        begins = plan.whole[v, group.columns].ravel() - PADDING - first
        rows = sliding_windows(samples, group.length + 2 * PADDING)[begins]
        fractions = plan.fractions[v, group.columns].ravel()
        rows = faded(rows, fractions)
        weights = plan.values32[v, group.columns].reshape(-1, plan.n_terms)
        self._sums += weights.T @ rows
        # The slow trends of each acquisition, which begin as much after its first sample as it did.
        later = fractions[:, None].astype(np.float32)
        trends = rows @ group.trends - later * (rows @ group.trend_slopes)
        rows -= trends @ group.trends.T - (later * trends) @ group.trend_slopes.T
        self._energy += float(rows.ravel() @ rows.ravel())
        self._trends.append(trends.astype(float))
        if plan.images:
            per_block = max(1, BLOCK // group.n_fft)
            for i in range(0, len(rows), per_block):
                spectra = fft.rfft(rows[i : i + per_block], group.n_fft, axis=1)
                self._power += (np.square(spectra.real) + np.square(spectra.imag)).sum(axis=0)

    @property
    def energy(self) -> float:
        """Mean energy of an acquisition without slow trends, which are the electrode's."""
        return self._energy / self.n

    @property
    def power(self) -> np.ndarray:
        """Sums of the power of acquisitions without slow trends."""
        return self._power

    def without_trends(self) -> np.ndarray:
        """Spectra of the sums of acquisitions without slow trends, shape (n_terms, n_frequencies)."""
        return self._spectra(self._sums - self._slow(np.concatenate(self._trends)))

    def without_drift(self, curve: DriftCurve, jumps) -> np.ndarray:
        """Spectra of the sums of acquisitions less the electrode's drift, and the trends of its jumps."""
        begins = (self.plan.whole[:, self.group.columns] - PADDING).ravel()
        values, later, fade = self._values(), self._values_of_fractions(), self.group.fade
        drift = curve.weighted(values, begins, len(fade)) * fade
        drift -= curve.weighted(later, begins, len(fade)) * np.gradient(fade)  # as in `faded`
        return self._spectra(self._sums - drift - self._slow(jumps))

    def waveforms(self, spectra) -> Waveforms:
        """A template of spectra of waveforms."""
        group = self.group
        return Waveforms(spectra, group.n_fft, group.length, self.plan.lengths[:, group.columns])

    def _slow(self, trends) -> np.ndarray:
        """What slow trends of each acquisition, shape (n, TRENDS), are in the sums."""
        values, later, group = self._values(), self._values_of_fractions(), self.group
        return (values.T @ trends) @ group.trends.T - (later.T @ trends) @ group.trend_slopes.T

    def trends_beyond(self, curve: DriftCurve) -> np.ndarray:
        """Trends of each acquisition beyond those of the curve, shape (n, TRENDS)."""
        begins = (self.plan.whole[:, self.group.columns] - PADDING).ravel()
        group, f = self.group, self.plan.fractions[:, self.group.columns].reshape(-1, 1)
        fade, slope = group.fade[:, None].astype(float), np.gradient(group.fade)[:, None]
        first = slope * group.trends + fade * group.trend_slopes
        products = curve.products(np.hstack([fade * group.trends, first, slope * group.trend_slopes]), begins)
        zeroth, first, second = np.split(products, 3, axis=1)
        return np.concatenate(self._trends) - (zeroth - f * first + f**2 * second)

    def _values(self) -> np.ndarray:
        return self.plan.values[:, self.group.columns].reshape(-1, self.plan.n_terms)

    def _values_of_fractions(self) -> np.ndarray:
        """Weights times the fraction of a sample at which each acquisition began, by which `faded` moves."""
        return self._values() * self.plan.fractions[:, self.group.columns].reshape(-1, 1)

    def _spectra(self, sums) -> np.ndarray:
        return fft.rfft(sums, self.group.n_fft, axis=1)


def jumps_of(beyond: list[np.ndarray], n_volumes: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Where the electrode jumps, which leaves the curve through the volumes' means behind in a few volumes.

    Parameters
    ----------
    beyond : list of ndarray, shape (n, TRENDS)
        Trends of the acquisitions of each group beyond those of the curve.
    n_volumes : int

    Returns
    -------
    jumps : list of ndarray, shape (n, TRENDS)
        How far trends are from their median in such volumes; zero in all others.
    torn : list of ndarray of bool, shape (n,)
        Acquisitions within which, or just before or after which, it jumps.
    """
    away = [trends - np.median(trends, axis=0) for trends in beyond]
    outlying = [np.abs(trends) > JUMP * 1.4826 * np.median(np.abs(trends), axis=0) for trends in away]
    far = np.any([o.reshape(n_volumes, -1).any(axis=1) for o in outlying], axis=0)
    far[[0, -1]] = False  # before the first and after the last there is no artefact, which makes a trend
    inside = [np.repeat(far, len(trends) // n_volumes) for trends in away]
    jumps = [np.where(rows[:, None], trends, 0) for rows, trends in zip(inside, away, strict=True)]
    return jumps, [rows & o[:, 1:].any(axis=1) for rows, o in zip(inside, outlying, strict=True)]


def templates_of(
    plan: BlockPlan, all_sums: list[AcquisitionSums], curve: DriftCurve
) -> tuple[list[Waveforms | None], list[np.ndarray]]:
    """Templates of all groups, None where no artefact stands out, and acquisitions in which the electrode jumps."""
    beyond = [sums.trends_beyond(curve) for sums in all_sums]
    jumps, torn = jumps_of(beyond, len(plan.whole))
    without_drift = [sums.without_drift(curve, jump) for sums, jump in zip(all_sums, jumps, strict=True)]
    if plan.images:
        trends = [x - jump for x, jump in zip(beyond, jumps, strict=True)]
        return _with_images(plan, all_sums, without_drift, trends), torn
    return [_band_limited(sums, spectra) for sums, spectra in zip(all_sums, without_drift, strict=True)], torn


def _band_limited(sums: AcquisitionSums, without_drift) -> Waveforms | None:
    """The mean of acquisitions, each moved by its fraction of a sample; None where no artefact stands out."""
    group, n = sums.group, sums.n

    def mean(spectra):
        return np.einsum("kf,kf->f", spectra, group.terms()) / n

    energy = float(np.square(fft.irfft(mean(sums.without_trends()), group.n_fft)).sum())
    if energy < STANDS_OUT * (sums.energy - energy) / n:
        return None
    return sums.waveforms(mean(without_drift) * np.conj(group.terms()))


def _with_images(plan: BlockPlan, all_sums: list[AcquisitionSums], without_drift, trends) -> list[Waveforms | None]:
    """Templates of an artefact that folds back (`folded`), for all groups; None where no artefact stands out."""
    numbers, n = image_numbers(plan.images), all_sums[0].n
    turns = [np.exp(2j * np.pi * numbers * _later(plan, sums.group)) for sums in all_sums]
    # What an image is multiplied by in an acquisition, whose sum of products is the same for all groups.
    factors = [np.exp(-2j * np.pi * np.multiply.outer(plan.onsets[:, s.group.columns].ravel(), numbers)) * turn
               for s, turn in zip(all_sums, turns, strict=True)]  # fmt: skip
    gram = np.mean([f.conj().T @ f for f in factors], axis=0)

    def seen(spectra):
        return np.array([[np.einsum("kf,kf->f", x, s.group.terms(m)) for m in numbers] / turn[:, None]
                         for x, s, turn in zip(spectra, all_sums, turns, strict=True)])  # fmt: skip

    power = np.array([sums.power for sums in all_sums])
    still = Spectra(seen([sums.without_trends() for sums in all_sums]), gram, power, n)
    drifting = still._replace(seen=seen(without_drift))
    found = powers(still, Slow(drifting.seen, _noise_of(trends, all_sums, factors, gram)))
    images, parameters = most_probable(still, found)
    stand_out = _stand_out(still, images, found.noise, parameters)
    images, _ = most_probable(drifting, found)
    templates: list[Waveforms | None] = []
    for sums, turn, image, known in zip(all_sums, turns, images, stand_out, strict=True):
        spectra = sum(x * np.conj(sums.group.terms(m)) for m, x in zip(numbers, image * turn[:, None], strict=True))
        templates.append(sums.waveforms(spectra) if known else None)
    return templates


def _noise_of(trends, all_sums: list[AcquisitionSums], factors, gram) -> np.ndarray:
    """Variance of acquisitions' trends that images do not explain, at each frequency."""
    n, total = all_sums[0].n, 0.0
    for own, sums, d in zip(trends, all_sums, factors, strict=True):
        rest = own - np.real(d @ (ridge_inverse(gram, n) @ (d.conj().T @ own)))
        shapes = fft.rfft(rest @ sums.group.trends.T.astype(float), sums.group.n_fft, axis=1)
        total = total + np.square(np.abs(shapes)).sum(axis=0)
    return total / (max(n - len(gram), 1) * len(all_sums))


def _later(plan: BlockPlan, group: SliceGroup) -> float:
    """How much later in a volume than the first one a group's acquisitions are, in samples."""
    column = group.columns[0] if len(group.columns) == 1 else 0
    return float((plan.onsets[:, column] - plan.onsets[:, 0]).mean())


def _stand_out(spectra: Spectra, images, noise, parameters) -> np.ndarray:
    """Whether the template of each group is more than averaged LFP, of which it holds its parameters' share."""
    explained = np.real(np.einsum("saf,ab,sbf->s", np.conj(images), spectra.gram, images))
    rest = spectra.power.sum(axis=1) - explained
    return explained >= STANDS_OUT * rest * float(noise @ parameters / noise.sum()) / spectra.n
