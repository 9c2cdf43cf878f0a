"""What one learning step of each method does."""
