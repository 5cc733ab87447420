"""Columns of the tables over all variants: the specification curve, and what each choice changes."""

from .common import OF_GROUP

OF_MEASURE = {**OF_GROUP, "measure": ("Headline measure, of the main band, as in headline.tsv", "")}
CURVE = {
    **OF_MEASURE,
    "rank": ("Place in the curve; 1 is the smallest value", ""),
    "variant": ("Variant", ""),
    "role": ("reference or rigorous; n/a for all others", ""),
    "value": ("Its value", ""),
    "ci_low": ("Lower limit of its interval; animals are the unit", ""),
    "ci_high": ("Upper limit", ""),
    "n": ("Scans", ""),
    "n_animals": ("Animals", ""),
}
EFFECTS = {
    **OF_MEASURE,
    "choice": (
        (
            "Setting in which variants differ; settings that always change together are one choice; `interactions` is"
            " what choices do not explain one by one"
        ),
        "",
    ),
    "level": ("Value of the setting; `all` for the choice as a whole", ""),
    "n_variants": ("Variants that have it; those that make the same choices count once", ""),
    "n_levels": ("Levels of the choice", ""),
    "share": (
        (
            "Share of the variance over variants: sum of squares of the choice in an additive model, averaged over all"
            " orders in which choices enter (Shapley); n/a where all variants agree"
        ),
        "fraction of variance",
    ),
    "share_first": ("The same where the choice enters first, alone", "fraction of variance"),
    "share_last": ("The same where it enters last", "fraction of variance"),
    "df_left": ("Degrees of freedom for the interactions; with 0 they cannot be told from the choices", ""),
    "mean": ("Mean of the value over the variants of this level", ""),
    "difference": (
        (
            "Value minus that of the reference, of the variant that changes nothing but this choice; the largest in the"
            " row `all`"
        ),
        "",
    ),
}
