"""The physics of a runner as CasADi expressions: no unknowns, no mesh."""
