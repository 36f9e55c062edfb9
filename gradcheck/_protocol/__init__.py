"""Does the subject keep the rules that make a comparison meaningful?"""
