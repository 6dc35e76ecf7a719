"""The gateway: clients keep their own protocol, any provider answers."""
