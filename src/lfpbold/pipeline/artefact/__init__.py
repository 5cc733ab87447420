"""Raw LFP to LFP without gradient artefact, channel by channel."""
