"""Pose priors: poses without pictures, from which landmarks get their meaning."""
