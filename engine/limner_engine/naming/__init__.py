"""Named landmarks from a few labels: what a person said, and what follows from it."""
