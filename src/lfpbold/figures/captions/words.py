"""Sentences that several captions share."""

SLICES = (
    "Slices are labelled in millimetres of the atlas image; its x runs to the right; grey is anatomy, which shows"
    " through where the value is small."
)

N = "n: {n}."
