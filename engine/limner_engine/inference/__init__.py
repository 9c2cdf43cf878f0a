"""Loaded models answering requests, in this process or in one of their own."""
