"""Vendors' own SDKs as clients of the gateway. It runs in an environment of its own, without Quorate."""
