"""What an operator can start: one lifecycle operation a file, reading like its runbook."""
