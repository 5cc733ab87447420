"""How the LFP and the BOLD signal at one place go together: correlation, information, coherence, prediction."""
