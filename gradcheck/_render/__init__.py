"""How does a result look: as text, Markdown, HTML, JSON, CSV, on GitHub?"""
