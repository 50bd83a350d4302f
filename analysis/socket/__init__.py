"""The hip's socket: where the femoral head rests in it."""
