"""Readers that all stages share: they import neither engine and no stage."""
