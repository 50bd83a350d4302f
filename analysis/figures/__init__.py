"""Figures of a study, one module each: python -m analysis.figures.<name> --study results/<name>."""
