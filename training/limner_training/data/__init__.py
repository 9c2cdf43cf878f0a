"""Frames and pairs to learn from."""
