"""Simulated providers on loopback: every protocol, seeded models, and a fault lab. Nothing they say is real."""

from __future__ import annotations

from .simulator import Simulator, simulated

__all__ = ["Simulator", "simulated"]
