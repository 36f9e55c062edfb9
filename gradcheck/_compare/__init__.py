"""What has changed between two runs?"""
