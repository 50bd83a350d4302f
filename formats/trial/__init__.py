"""A measured trial: its settings, its files, its strides."""
