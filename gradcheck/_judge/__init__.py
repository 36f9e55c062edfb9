"""Does a claim agree with an estimate?"""
