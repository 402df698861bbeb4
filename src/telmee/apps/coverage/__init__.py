"""Coverage: what a client bought beside what its register has, and "apply or explain" per gap.

A list of purchases is read once and stays as it was (`lists`). Each purchase is held against the
threshold of the scheme in force on its day, and beside the contracts of the register: what is alike
is proposed, and a person says what it is (`answering`). What was used of the buying power follows
from both (`queries`).
"""
