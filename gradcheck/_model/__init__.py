"""What is checked? Named arrays at a point, a value, a claimed gradient, and how all of it is put back."""
