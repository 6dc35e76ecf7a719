"""The provider simulator and fault lab: every wire on loopback, seeded speed, prices and faults."""
