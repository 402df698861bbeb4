"""Reports that were published, what they stand on, and the goals that they are held against."""
