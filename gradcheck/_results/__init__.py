"""What is a result? Verdicts, estimates, reports, runs and errors: frozen data."""
