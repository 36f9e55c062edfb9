"""How does what a user hands in become an oracle?"""
