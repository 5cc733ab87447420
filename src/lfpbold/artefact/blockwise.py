"""One template for all volumes, made and subtracted block by block: what a long recording of many channels needs.

Two passes over a channel: one adds its acquisitions up to templates, the other regresses those out. Both are products
of matrices (`waveforms`). The electrode's drift (`drift`) is known only after the first pass; what it added to the sums
is taken out of them then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .drift import DriftCurve
from .plan import BlockPlan, sliding_windows
from .sums import AcquisitionSums, templates_of
from .waveforms import fit_weights


class BlockwiseSubtraction:
    """The templates of one channel: `add` all blocks, `finish`, then `clean` them.

    Parameters
    ----------
    plan : BlockPlan
    """

    def __init__(self, plan: BlockPlan):
        self.plan = plan
        self._sums = [AcquisitionSums(plan, group) for group in plan.groups]
        self._of_volumes = np.zeros(len(plan.whole))

    def add(self, samples, first: int, volumes: tuple[int, int]) -> None:
        """Enter some volumes into the templates.

        Parameters
        ----------
        samples : ndarray of float32
            A part of the recording that holds these volumes, with `plan.margin` samples before and after; zeros where
            there are none.
        first : int
            Where in the recording it begins; may be below zero.
        volumes : (int, int)
            The first, and the one after the last.
        """
        plan, v = self.plan, slice(*volumes)
        begins, end = plan.whole[v, 0] - first, int(plan.stop[v][-1, -1]) - first
        self._of_volumes[v] = np.add.reduceat(samples[:end], begins, dtype=float)
        for sums in self._sums:
            sums.add(samples, first, v)

    def finish(self, offset: float = 0.0) -> int:
        """Make the templates of what was added, less a constant; returns how many hold no artefact."""
        plan = self.plan
        begins, ends = plan.whole[:, 0], np.append(plan.whole[1:, 0], plan.stop[-1, -1])
        means = self._of_volumes / (ends - begins)
        centres = (begins + ends - 1) / 2
        raw_curve, self.curve = DriftCurve(centres, means), DriftCurve(centres, means - offset)
        self.templates, self._torn = templates_of(plan, self._sums, raw_curve)
        del self._sums
        return self.templates.count(None)

    def clean(self, samples, first: int, volumes: tuple[int, int], fits, align: bool = True) -> dict:
        """Regress the templates out of some volumes.

        Parameters
        ----------
        samples, first, volumes
            As for `add`, without the constant.
        fits, align
            As for `artefact.remove_gradient_by`.

        Returns
        -------
        cleaned : dict of fit to ndarray of float32
            The samples of these volumes, from the first one's onset to the last one's end.
        """
        v, fits = slice(*volumes), tuple(fits)
        begin, end = int(self.plan.whole[v][0, 0]), int(self.plan.stop[v][-1, -1])
        level = self.curve.between(first, first + len(samples))
        parts = list(self._parts(np.subtract(samples, level, out=level), first, v, fits))
        cleaned = {}
        for i, fit in enumerate(fits):
            weights = fit_weights(*_stacked(parts, i), align=align) if parts else np.zeros((0, 0))
            cleaned[fit], at = samples[begin - first : end - first].copy(), 0
            for p in parts:
                own = np.where(p.torn[:, None], p.values, weights[at : at + len(p.begins)])
                artefact = own.astype(np.float32) @ p.shapes
                artefact += np.float32(self.curve.level)
                sliding_windows(cleaned[fit], artefact.shape[1])[p.begins - begin] -= artefact
                at += len(p.begins)
        return cleaned

    def _parts(self, samples, first, v: slice, fits):
        """Acquisitions of one template and as many samples, and their products with its waveforms."""
        plan = self.plan
        for group, template, torn in zip(plan.groups, self.templates, self._torn, strict=True):
            if template is None:
                continue
            begins, lengths = (x[v, group.columns].ravel() for x in (plan.whole, plan.lengths))
            torn = torn.reshape(len(plan.whole), -1)[v].ravel()
            values, slopes = (x[v, group.columns].reshape(-1, plan.n_terms) for x in (plan.values, plan.slopes))
            for n in template.lengths:
                which = np.flatnonzero(lengths == n)
                if not which.size:
                    continue
                products = template.products(sliding_windows(samples, n)[begins[which] - first], n, fits)
                grams = [template.gram(n, fit) for fit in fits]
                terms = [(seen, values[which], slopes[which], values[which] @ gram, slopes[which] @ gram)
                         for seen, gram in zip(products, grams, strict=True)]  # fmt: skip
                yield _Part(begins[which], template.shapes[:, :n], terms, values[which], torn[which])


@dataclass(frozen=True)
class _Part:
    begins: np.ndarray
    shapes: np.ndarray
    terms: list  # for each fit
    values: np.ndarray
    torn: np.ndarray  # which are not fitted: a jump of the electrode would be


def _stacked(parts: list[_Part], fit: int) -> list:
    """The terms of one fit, of all acquisitions."""
    return [np.concatenate(arrays) for arrays in zip(*(part.terms[fit] for part in parts), strict=True)]
