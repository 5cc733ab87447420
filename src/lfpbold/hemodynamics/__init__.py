"""Hemodynamic response functions: canonical, chosen from a grid, or estimated by a finite impulse response."""
