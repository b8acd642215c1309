"""Own words to a level: sentence encoders, a small regression per item, and what a reading is made of.

docs/understanding.md says how it works, what was tried, and how well it does.
"""
