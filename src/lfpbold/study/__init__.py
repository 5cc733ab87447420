"""What the user wrote: the sheet and the settings, and which rows and variants they mean."""
