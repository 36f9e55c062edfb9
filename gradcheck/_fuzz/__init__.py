"""Does the checker, or a user's constructor, stand up to networks that nobody thought of?"""
