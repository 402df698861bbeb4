"""What somebody must be told: an outbox, written with the event and sent by the worker.

It stands low in the order of apps, so that every one above the journal may write a notice, and
knows users, organisations, contracts and invitations by their id only, as the journal does.
"""
