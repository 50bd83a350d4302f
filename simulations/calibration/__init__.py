"""Finding an objective's weights from how people run: norms in, weights out."""
