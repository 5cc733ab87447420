"""One Snakemake job and the plan around it: locks, atomic outputs, resources, provenance, outcome."""
