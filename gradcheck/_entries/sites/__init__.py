"""What do shifts of pre-activations say of weights that are met once?"""
