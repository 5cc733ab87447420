"""What stands under the figure of all variants."""

from .words import N

CAPTIONS = {
    "specification": (
        "Specification curve, {who}: what every variant of the analysis gives, sorted.",
        (
            "One curve per headline measure; upper part: its value with its interval over animals, one variant per"
            " column, from the smallest to the largest; black diamond: reference; orange square: rigorous. Long"
            " intervals run out of the panel."
        ),
        (
            "Lower part: the settings in which variants differ; a dot stands where a variant has that value. Settings"
            " that always change together are one choice."
        ),
        (
            "Per cent at the right: share of the variance over variants that the choice explains (sum of squares of an"
            " additive model, averaged over the orders in which choices enter)."
        ),
        (
            "A flat curve means that the answer does not hang on the choices; a block of dots at one end names the"
            " choice that moves it. Variants share their data: their number is no number of observations."
        ),
        N,
    )
}
