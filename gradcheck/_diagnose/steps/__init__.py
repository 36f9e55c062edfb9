"""Which step of a function is followed back wrongly, and how? Of functions in NumPy, whose runs are recorded."""
