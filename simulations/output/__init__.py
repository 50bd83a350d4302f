"""What a solution leaves behind, as tables and files."""
