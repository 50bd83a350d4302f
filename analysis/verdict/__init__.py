"""From endpoints to verdicts, beside their controls."""
