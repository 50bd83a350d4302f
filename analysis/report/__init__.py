"""What a study found, in one page that opens offline, and its small results to keep."""
