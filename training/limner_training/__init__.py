"""Learning: losses, pairs, recipes, the loop, run folders."""
