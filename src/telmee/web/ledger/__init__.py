"""Pages on which a client books what is neither an obligation nor effort."""
