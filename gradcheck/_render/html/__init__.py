"""How does a report look in a browser?"""
