"""Which entries are measured, and by which means?"""
