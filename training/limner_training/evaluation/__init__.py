"""Measures of landmarks and pictures."""
