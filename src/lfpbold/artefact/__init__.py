"""The gradient artefact in the LFP: its template, its removal, and what is left of it."""
