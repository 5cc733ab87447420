"""Networks with and without the LFP, in rows of tables and in a paragraph."""

from __future__ import annotations


def view(connectivity: list[dict], peaks: list[dict], components: list[dict]) -> dict:
    """What the report says of the networks of one state and site: the group's rows, and every animal's peaks."""
    return {
        "regions": [row for row in connectivity if row["sub"] == "group"],
        "peaks": peaks,
        "components": components,
    }


def networks(settings: dict) -> str:
    """Matrices, peaks and components, as far as the settings ask for them."""
    options, main = settings["connectivity"], settings["networks"]["main_band"]
    parts = []
    if options["regions"] and settings["atlas"]["labels"]:
        parts.append(
            "The mean BOLD of every atlas region was correlated with that of every other and Fisher's z averaged over "
            f"scans; the same after {main}, or all removal bands together, had been regressed out. From correlations "
            "alone, least squares leave the partial correlation [@yule1907]; a regressor that reaches the regions "
            "through the seed only leaves C − R²ccᵀ, rescaled, where C is the matrix, c its correlations with the seed "
            "and R the multiple correlation of regressors and seed."
        )
        if options["surrogates"]:
            parts.append(
                f"{options['surrogates']} surrogate regressors with exactly {main}'s r to the seed's BOLD and no other "
                "relation to the brain say what is lost by chance besides."
            )
    if options["targets"] != {}:
        parts.append(
            "The peak of a network within its target is the largest voxel of its mean map, refined by a parabola along "
            "each axis; its interval comes from the distances between the peaks of random halves of an animal's scans "
            "(of half scans where it has fewer than four; of animals for the group)."
        )
    if options["components"]:
        parts.append(
            f"{options['components']} spatially independent components were estimated from all scans of a state and "
            "site, concatenated in time after reduction of each scan by principal components [@calhoun2001], with "
            f"FastICA [@hyvarinen1999] of scikit-learn [@pedregosa2011] (seed {settings['seed']}); each scan's courses "
            "come from regressing its volumes on all maps [@nickerson2017]."
        )
    return " ".join(parts)
