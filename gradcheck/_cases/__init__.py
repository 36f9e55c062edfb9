"""How is a failing call kept, and called again?"""
