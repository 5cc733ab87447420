"""How much of the resting-state fMRI signal the local field potential explains, in space and in time."""

__version__ = "0.1.0"
