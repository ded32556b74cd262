"""What tests need besides fixtures."""
