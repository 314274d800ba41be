"""The Prefect server and worker of one operator: started, looked at and stopped by the command."""
