"""What the platforms are. A product turns a tenant into a desired state; nothing here contacts anything."""
