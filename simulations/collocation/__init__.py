"""A stride as a nonlinear program: nodes, rows, derivatives, parameters."""
