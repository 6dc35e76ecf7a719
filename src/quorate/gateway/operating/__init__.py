"""What the gateway tells its operator: metrics, health, logs, spans and rows of calls, all off the way of calls."""
