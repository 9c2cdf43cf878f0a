"""What the centre and the panels of the window show."""
