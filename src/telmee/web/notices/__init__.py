"""Pages about what people are told, for operators; the words of notices stand in its templates."""
