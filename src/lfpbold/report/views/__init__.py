"""What sections of the report show, from tables of the study."""
