"""Why is a gradient wrong?"""
