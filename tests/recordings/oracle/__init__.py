"""What the official SDKs make of recorded answers. It runs in an environment of its own, without Quorate."""
