"""Losses, one file a family."""
