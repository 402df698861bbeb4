"""Pages about organisations, their people, invitations, recognitions and one's own account."""
