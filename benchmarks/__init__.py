"""How fast, and how often right? Benchmarks side by side with the peers; run from the repository."""
