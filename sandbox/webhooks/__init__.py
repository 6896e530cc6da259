"""Webhooks: which events are still to be delivered, and the courier that delivers them."""
