"""What newsledger tests itself with, for those who build on it; needs Hypothesis.

No other room imports this one.
"""
