"""What is run by hand when a standard changes, never by the application."""
