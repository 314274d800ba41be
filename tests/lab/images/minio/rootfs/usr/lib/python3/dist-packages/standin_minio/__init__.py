"""Stand-in of MinIO: rclone's S3 server behind nginx, with the few administration calls an installer makes."""
