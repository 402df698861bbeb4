"""Pages about results: dashboards of one's own, and what public bodies published."""
