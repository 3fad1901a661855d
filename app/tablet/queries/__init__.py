"""What a device asks the server for, and what officers see of devices and records."""
