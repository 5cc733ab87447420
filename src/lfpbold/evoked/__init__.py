"""Runs with stimuli: general linear model, clusters, averages around events."""
