"""Power of the LFP in bands and bins, and the filters in front of it."""
