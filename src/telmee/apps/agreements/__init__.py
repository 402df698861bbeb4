"""What two sides of a contract settle: proposed, confirmed, superseded, and never changed.

A contract is only an id here. Who calls knows the contract and passes both sides.
"""
