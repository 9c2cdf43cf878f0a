"""Exact frames out of video files, and video files out of frames."""
