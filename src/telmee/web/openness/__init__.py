"""The page that anybody understands: five questions about social return, and their answers."""
