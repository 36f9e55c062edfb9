"""What is checked? Named arrays at a point, a value, a claimed gradient, and how everything is restored."""
