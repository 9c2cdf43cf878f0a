"""Landmark tables of other programs, one file a format."""
