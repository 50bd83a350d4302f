"""OpenSim's models and files, read and edited."""
