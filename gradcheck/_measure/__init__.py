"""What is the slope of one line, and how well is it known?"""
