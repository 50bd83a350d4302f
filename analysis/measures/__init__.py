"""Endpoints of one stride."""
