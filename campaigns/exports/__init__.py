"""What leaves a campaign as files."""
