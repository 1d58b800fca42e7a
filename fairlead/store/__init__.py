"""Redis: the keyspace, the transitions and who calls them."""
