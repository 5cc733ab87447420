"""Columns that many tables share."""

LABELS = {
    "sub": ("Animal; `group` for values of maps averaged over scans", ""),
    "ses": ("Session", ""),
    "run": ("Run (scan)", ""),
    "state": ("Condition, as in the sample sheet", ""),
    "site": ("Electrode site", ""),
}
BAND = {
    "band": (
        (
            "Frequency band of the LFP by its configured name; multiunit for multi-unit activity; f012 for the 1-Hz bin"
            " that starts at 12 Hz; shuffled_… for the power of a band with its frames in random order"
        ),
        "",
    )
}
OF_GROUP = {name: LABELS[name] for name in ("state", "site")}
LAG = {"lag_s": ("Lag; positive where BOLD follows the LFP", "s")}
COUNTS = {"n_scans": ("Scans that contribute", ""), "n_animals": ("Animals among them", "")}
OVER_SCANS = {
    "n_scans": ("Scans that have a value", ""),
    "n_animals": ("Animals among them", ""),
    "r": ("Mean over scans", ""),
    "sem": ("Its standard error", ""),
}
HRF_CELL = {
    "delay_s": ("Delay of the response, p1 of the HRF", "s"),
    "undershoot_s": ("Delay of the undershoot, p2 of the HRF", "s"),
    "degenerate": ("1 where both delays are equal, so that the HRF is a single gamma density without undershoot", ""),
}
