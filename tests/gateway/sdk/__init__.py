"""The official SDKs as clients of the gateway, in the environment of the oracles."""
