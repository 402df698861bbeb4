"""What a client lets everybody read: one of its published reports, until it says otherwise.

Nothing is open by itself. A visitor gets a published report through a function of the database that
knows no contract: the report was frozen with its small counts hidden, and what names a contract or
quotes somebody is left out of it.
"""
