"""Does the checker, or a user's constructor, pass on random networks?"""
