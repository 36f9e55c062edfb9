"""What does the pytest plugin do once a test checks something?"""
