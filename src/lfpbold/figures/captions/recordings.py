"""What stands under the figures of one recording."""

CAPTIONS = {
    "artefact": (
        "The LFP of one channel before (grey) and after (blue) template removal, {who}.",
        (
            "Left: a stretch of the trace in µV against seconds, each on its own scale; right: power density in µV²/Hz"
            " against frequency in hertz, with multiples of the slice rate marked."
        ),
        "Blue peaks at the marks are residue, which the notches take out later.",
        (
            "Lower right: power at every multiple of 1/TR against its neighbours in dB, before and after; what repeats"
            " with the volumes lies there, so that blue dots above the grey band are artefact that is left, below it"
            " LFP that was taken with it. Mains and its multiples stand out there too, where they are multiples of"
            " 1/TR."
        ),
    ),
    "motion": (
        "Motion of one run, {who}.",
        (
            "Top: framewise displacement in mm against volume, with its threshold (dashed); below: the translations in"
            " mm and rotations in degrees from which it is made."
        ),
        "Shaded volumes are left out of the analysis.",
    ),
}
