"""The headless core: video, geometry, models, inference, project, formats."""
