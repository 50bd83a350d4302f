"""What is to be solved, posed: nothing here solves."""
