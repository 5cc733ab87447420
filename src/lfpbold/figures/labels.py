"""What measures and values of the tables are called in figures and in the report: the one home of display labels."""

# Measures of headline.tsv whose curves are drawn over all variants.
HEADLINE = {
    "temporal_r": "temporal r",
    "spatial_r_scan": "spatial r, mean of scans",
    "spatial_r_group": "spatial r, averaged maps",
    "seed_map_r_after_gamma": "seed map after removal of {main_band}, r",
}
# In time, in space scan by scan, and in space of averaged maps; yardstick.tsv calls the second `spatial_scan`.
CORRELATIONS = {
    "temporal": "temporal r",
    "spatial": "spatial r, scans",
    "spatial_scan": "spatial r, scans",
    "spatial_group": "spatial r, averaged maps",
}
PUBLISHED = ("temporal", "spatial_scan", "spatial_group")  # measures of yardstick.tsv that every band has
# Measures of yardstick.tsv of the main band alone, with their units.
PUBLISHED_ONCE = {
    "lag_s": ("lag of the largest r", "s"),
    "cnr": ("CNR (noise argument)", ""),
    "true_temporal": ("temporal r (noise argument)", ""),
}
COEFFICIENTS = {"r": "Pearson r", "rho": "Spearman ρ", "z": "Fisher z"}  # of paired.tsv and ttests.tsv
TESTS = {  # of ttests.tsv
    "temporal": "temporal against 0",
    "spatial": "spatial against 0",
    "spatial_minus_temporal": "spatial − temporal, paired",
    "lfp_minus_multiunit": "LFP − multi-unit, paired",
}
RELIABILITY = {  # measures of reliability.tsv
    "spatial": "in space, halves of scans",
    "spatial_animals": "in space, between animals",
    "temporal": "in time, disattenuated for BOLD",
    "temporal_contacts": "in time, disattenuated for BOLD and LFP",
}
MAP_PAIRS = {  # of inter_scan.tsv
    "lfp": "LFP maps",
    "seed": "seed maps",
    "across": "LFP map with the seed map of another scan",
    "disattenuated": "the same, disattenuated (corrected for reliability)",
}
RESPONSES = {  # methods of hrfchoice.tsv
    "config": "configured HRF",
    "grid": "best of the grid in the other animals",
    "fir": "estimated from the other animals",
}
MEDIATION = {  # measures of mediation.tsv
    "spatial_r": "spatial r",
    "spatial_slope": "slope on the seed map",
    "removal_r": "seed map after removal, r",
    "removal_slope": "seed map after removal, slope",
    "excess": "excess",
}
