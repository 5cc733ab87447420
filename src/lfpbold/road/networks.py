"""The seed map of one recording without the LFP."""

from __future__ import annotations

import numpy as np

from .. import networks as maps


def networks(clean, seed, regressors, bands, bold_info: dict, settings: dict, *, like_bold=np.asarray) -> dict:
    """Seed maps after each removal of LFP, and how like the original map they are.

    `like_bold`, from `projection.of_run`, is what the regressors go through before they are regressed out.

    Returns
    -------
    found : dict
        `maps`, dict of removal to (n_voxels,); rows of `regression`.
    """
    kept = np.asarray(bold_info["VolumesKept"], dtype=int)
    columns = dict(zip(bands, like_bold(regressors[kept]).T, strict=True))
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
    return {"maps": after, "regression": rows}
