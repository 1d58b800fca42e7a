"""Webhooks: from the stream of events (relaying) by RQ's jobs (delivering) to their receivers (sending)."""
