"""Everything after the LFP stage beside peers: `python compare.py out.tsv --peers PYTHON --bold FILE`."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import harness
import scan

from lfpbold.bold import cleaning as bold
from lfpbold.bold import motion
from lfpbold.bold.projector import Projector
from lfpbold.coupling import correlation, information
from lfpbold.pipeline import nulls

BAND_HZ = (0.01, 0.1)


def cleaning(data, peer, repeats):
    """Nuisance and band-pass, in the study's order, in nilearn's, and by one projector."""
    constant = np.column_stack([np.ones(len(data.bold)), data.nuisance])

    def both_filtered():
        filtered, nuisance = (bold.band_pass(x, 1.0, BAND_HZ) for x in (data.bold, data.nuisance))
        return bold.regress_out(filtered, nuisance - nuisance.mean(axis=0))

    calls = {
        "regress, then filter": lambda: bold.band_pass(bold.regress_out(data.bold, constant), 1.0, BAND_HZ),
        "filter both, then regress": both_filtered,
        "one projector": lambda: Projector(len(data.bold), 1.0, BAND_HZ, data.nuisance).apply(data.bold),
        "nilearn.signal.clean": peer.call("nilearn_clean", order=2),
    }
    seconds, results = harness.by_turns(calls, repeats)
    for ours in list(calls)[:3]:
        yield harness.row(f"nuisance and band-pass: {ours}", "nilearn.signal.clean", seconds, results, ours=ours,
                          target="≥ 10", repeats=repeats)  # fmt: skip


def maps(data, clean, columns, repeats):
    """Maps beside the bare matrix product of the same size; the ratio is ours over theirs."""
    drawn = np.random.default_rng(2).standard_normal((len(clean), 5000))
    for name, x in (("105 LFP maps", columns), ("5000 surrogate maps", drawn)):
        calls = {"ours": lambda x=x: correlation.correlate(x, clean), "product": lambda x=x: x.T @ clean}
        n = repeats if x.shape[1] < 1000 else max(2, repeats // 3)
        seconds, results = harness.by_turns(calls, n)
        scale = np.outer(x.std(axis=0), clean.std(axis=0)) * len(x)
        centred = (x - x.mean(axis=0)).T @ clean / scale
        one = harness.row(name, "product", seconds, repeats=n, target="ours ≤ 1.5 × theirs",
                          difference=harness.largest_difference(results["ours"], centred, 1.0))  # fmt: skip
        yield one | {"compared with": "one BLAS product", "ratio": seconds["ours"] / seconds["product"]}


def dependence(clean, columns, peer, repeats):
    """Mutual information; the difference is the error against the truth of Gaussian pairs, less that of the peer."""
    voxels, x = 40, columns[:, :5]
    rng = np.random.default_rng(3)
    r = rng.uniform(0, 0.9, voxels)
    known = rng.standard_normal((len(clean), 1))
    pairs = r * known + np.sqrt(1 - r**2) * rng.standard_normal((len(clean), voxels))
    truth = -0.5 * np.log1p(-(r**2))
    peer.give(clean=pairs, bands=known)
    theirs = np.abs(peer.call("mutual_info", voxels=voxels).timed()[1][0] - truth).mean()
    peer.give(clean=clean, bands=x)
    for how in ("equal_width", "equal_occupancy", "gaussian_copula"):
        calls = {
            "ours": lambda how=how: information.mutual_information(x, clean, estimator=how),
            "mutual_info_regression": peer.call("mutual_info", voxels=voxels),
        }
        seconds, _ = harness.by_turns(calls, repeats)
        seconds["mutual_info_regression"] *= clean.shape[1] / voxels
        level = information.shifted_baseline(known, pairs, estimator=how)
        error = np.abs(information.mutual_information(known, pairs, estimator=how)[0] - level - truth).mean()
        yield harness.row(f"mutual information, {how}, less chance: mean error {error:.3f} nats, theirs {theirs:.3f}",
                          "mutual_info_regression", seconds, target="≥ 200", repeats=repeats,
                          difference=error - theirs)  # fmt: skip


def all_nulls(data):
    """All nulls of the variant `rigorous`."""
    where, settings = scan.rigorous(data, 1000)
    spent, _ = harness.timed(lambda: nulls.nulls(where, data.brain, data.affine, settings))
    nothing = float("nan")
    yield dict(zip(harness.COLUMNS, ("all nulls of `rigorous`, 1000 surrogates", "—", spent.cpu_s, nothing, nothing,
                                     "≤ 60 s", nothing, 1), strict=True))  # fmt: skip


def realignment(file, peer, n_volumes):
    """Two workers beside ANTsPy volume by volume; the clock is on the wall, and means nothing on a busy machine."""
    import nibabel

    image = nibabel.load(file)
    volumes = np.moveaxis(np.asarray(image.dataobj[..., :n_volumes], dtype=np.float32), 3, 0)
    spacing = tuple(float(size) for size in image.header.get_zooms()[:3])
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.diag([*spacing, 1.0])  # the peer's own frame: LPS, from the corner
    peer.give(volumes=volumes, spacing=spacing)
    settings = motion.REALIGN | {"aff_random_sampling_rate": 0.2}
    calls = {f"{n} workers": lambda n=n: motion.realign(volumes, affine, workers=n).parameters for n in (1, 2)}
    calls["ANTsPy, the same settings"] = peer.call("ants_volumes", settings=settings)
    calls["ANTsPy, BOLDRigid"] = peer.call("ants_volumes", settings={"type_of_transform": "BOLDRigid"})
    for clock in ("wall_s", "cpu_s"):
        seconds, results = harness.by_turns(calls, 1, clock)
        same = np.array_equal(results["1 workers"], results["2 workers"])
        ours = results["2 workers"][1:, :3] * [-1, -1, 1]
        for name in list(calls)[2:]:
            what = f"motion, {n_volumes} volumes, two workers ({clock[:-2]}); bytes as with one: {same}"
            yield harness.row(what, name, seconds, ours="2 workers", target="≥ 1.8 (wall), ≤ 0.02 mm", repeats=1,
                              difference=harness.largest_difference(ours, results[name], 1.0))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--peers", default=sys.executable, help="Python of the peers' environment")
    parser.add_argument("--bold", help="raw BOLD for motion correction; left out without it")
    parser.add_argument("--volumes", type=int, default=60, help="of it")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    peer = harness.Peer(given.peers, Path(__file__).with_name("peer.py"))
    data = scan.arrays()
    projector = Projector(len(data.bold), 1.0, BAND_HZ, data.nuisance)
    clean, columns = projector.apply(data.bold), projector.apply(data.regressors)
    peer.give(bold=data.bold, nuisance=data.nuisance, clean=clean)
    parts = (
        cleaning(data, peer, given.repeats),
        maps(data, clean, columns, 2 * given.repeats),
        dependence(clean, columns, peer, max(1, given.repeats // 2)),
        all_nulls(data),
        realignment(given.bold, peer, given.volumes) if given.bold else (),
    )
    harness.write(itertools.chain.from_iterable(parts), given.out)
    peer.end()


if __name__ == "__main__":
    main()
