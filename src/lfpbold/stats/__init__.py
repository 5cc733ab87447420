"""Statistics over scans and animals: tests, intervals, resampling, the noise ceiling."""
