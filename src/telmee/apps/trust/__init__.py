"""Trust that is earned: rules by which lines are accepted by themselves, and samples that test it.

A rule of a client weighs each line once, when it was handed in (`deciding`); what it lets pass has
a decision like any other, and what it does not waits for a person. A sample looks again at what was
decided (`samples`), and a line that it finds wrong takes the trust away for a time.
"""
