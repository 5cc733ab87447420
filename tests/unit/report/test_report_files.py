"""Templates, captions and references are part of the code: a change of one makes the rules that read it run again."""
