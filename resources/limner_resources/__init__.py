"""What ships with the program: skeletons, models, the sample, icons."""
