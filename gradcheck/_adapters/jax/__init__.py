"""What do JAX's users hand in?"""
