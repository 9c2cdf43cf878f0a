"""The second layer of named landmarks: heat-map networks that learn from a few labels."""
