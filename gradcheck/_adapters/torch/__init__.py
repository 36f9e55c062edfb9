"""What do PyTorch's users hand in?"""
