"""The seed map of one recording without the LFP."""

from __future__ import annotations

import numpy as np

from ..networks import connectivity, maps


def networks(
    clean, seed, regressors, bands, bold_info: dict, settings: dict, *, labels=None, apply_bold_filter=np.asarray
) -> dict:
    """Seed maps after each removal of LFP, and their similarity to the original map; the regions' matrix likewise.

    `apply_bold_filter`, from `projection.bold_filter`, is what the regressors go through before they are regressed out;
    `labels`, shape (n_voxels,), the region of each voxel, where matrices are asked for.

    Returns
    -------
    found : dict
        `maps`, dict of removal to (n_voxels,); rows of `regression`; `regions`, shape (n_regions,), and Fisher's z
        before and after removal of the main band, `connectivity` and `removed`, (n_regions, n_regions).
    """
    kept = np.asarray(bold_info["VolumesKept"], dtype=int)
    columns = dict(zip(bands, apply_bold_filter(regressors[kept]).T, strict=True))
    before = maps.seed_map(clean, seed)
    after = maps.maps_without_lfp(
        clean,
        seed,
        np.column_stack([columns[band] for band in settings["removal_bands"]]),
        columns[settings["main_band"]],
        settings["peak_percentile"],
    )
    rows = [
        {"removal": name, "r": maps.spatial_r(changed, before), "slope": maps.slope(changed, before)}
        for name, changed in after.items()
    ]
    means, regions = connectivity.region_means(clean, np.zeros(clean.shape[1]) if labels is None else labels)
    main = columns[settings["main_band"]][:, None]
    of_regions = connectivity.matrix_without_lfp(means, clean[:, seed].mean(axis=1), main)
    matrices = {"connectivity": of_regions["before"], "removed": of_regions["after"]}
    return {
        "maps": after,
        "regression": rows,
        "regions": regions,
        **{name: connectivity.z_matrix(r) for name, r in matrices.items()},
    }
