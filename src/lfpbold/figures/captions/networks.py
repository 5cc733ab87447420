"""What stands under the figures of networks."""

from .words import SLICES, N

CAPTIONS = {
    "connectivity": (
        "Correlation of every region with every other, {who}, before and after {main_band} was regressed out.",
        (
            "Each square is a matrix of Fisher's z averaged over scans, regions in the order of their labels, one"
            " side of the brain and then the other; third: after minus before; fourth: the change that algebra"
            " expects of any regressor with the same r to the seed's BOLD and no other relation to the brain."
        ),
        (
            "Right: r and slope of the matrix after on that before, over its edges; grey bar: the same for"
            " surrogates with exactly that r to the seed, mean and central 95 %, of averaged matrices."
        ),
        (
            "Where third and fourth square look alike and the diamonds lie in the bars, the LFP takes no more out"
            " of the networks than its correlation with the seed compels; a correlation of regions says that they"
            " vary together, not that they are connected."
        ),
        N,
    ),
    "network_peaks": (
        "Where the seed's network is strongest within a target region, {who}, from above and from behind.",
        (
            "Millimetres of the image; dots: animals, before (filled) and after {main_band} was regressed out"
            " (open); diamond: mean of the animals' maps; circle: ball that holds the place at the confidence of"
            " all intervals, from the distances between random halves of scans (of animals for the diamond)."
        ),
        (
            "A shift within the circle is none; mediation through the seed shifts nothing. Grey places lie on the"
            " target's border, where neighbours' signal comes in: they tell where the target ends and not where the"
            " network peaks."
        ),
        N,
    ),
    "components": (
        "Networks without a seed, {who}: independent components of all scans together.",
        (
            "Colour: r of each component's course with every voxel, averaged over scans, centred on zero, one"
            " scale; left: r of {main_band} with that course, and slope of the map after {main_band} is regressed"
            " out on that before, beside the slope that this r alone compels."
        ),
        SLICES,
        "Order: share of variance. Which components appear, and how finely they are cut, depends on their number.",
        N,
    ),
}
