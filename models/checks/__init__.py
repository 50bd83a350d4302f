"""Whether a measured trial is what it says it is, before anything is solved."""
