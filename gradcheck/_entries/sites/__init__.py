"""What do shifts of pre-activations tell of weights that are used once?"""
