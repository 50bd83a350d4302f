"""What a certificate checks."""
