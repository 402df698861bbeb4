"""Letters from a client to who carries out a contract: made from facts, and never changed."""
