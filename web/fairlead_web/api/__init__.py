"""The service over HTTP: one file a resource."""
