"""What does the command `gradcheck` do?"""
