"""The bucket: everything Cutover asks of an S3 store."""
