"""What does backpropagation say of a handwritten digit?"""
