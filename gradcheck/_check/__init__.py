"""How does a call become a report? The questions that it asks, and the recipe by which each is answered."""
