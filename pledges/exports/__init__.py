"""What leaves on paper and in files: 台账, letters, posters, archives. Every one of them is on record."""
