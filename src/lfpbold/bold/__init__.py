"""Motion and cleaning of the BOLD signal."""
