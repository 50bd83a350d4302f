"""Somebody else's model, made fit for the equations."""
