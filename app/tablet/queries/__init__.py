"""What a device may take along."""
