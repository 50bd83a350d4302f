"""Muscle paths as polynomials of the coordinates."""
