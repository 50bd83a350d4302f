"""A stored stride, posed and replayed in OpenSim."""
