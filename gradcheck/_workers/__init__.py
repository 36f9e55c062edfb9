"""Who makes the evaluations? This process, or workers of the user's choice: blocks of entries, results by index."""
