"""What a flow is made of: one retryable step a function."""
