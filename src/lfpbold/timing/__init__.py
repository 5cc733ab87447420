"""Where the scan is on the LFP's clock: triggers, the artefact's own period, onsets of volumes and slices."""
