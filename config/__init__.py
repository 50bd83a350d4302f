"""What to run: the study's configuration, its cases, and the command that starts it."""
