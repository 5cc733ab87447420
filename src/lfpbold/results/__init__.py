"""Results side by side: comparison, lineage, the curve over analysis choices."""
