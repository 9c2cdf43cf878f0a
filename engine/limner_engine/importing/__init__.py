"""Labels that were made in other programs, brought into a project."""
