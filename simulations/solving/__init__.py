"""From a posed problem to a solution: starts, continuation, Ipopt."""
