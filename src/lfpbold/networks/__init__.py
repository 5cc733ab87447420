"""Maps and region matrices: how the LFP and the BOLD signal go together over space, and how reproducible that is."""
