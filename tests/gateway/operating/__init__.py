"""What the operator is told: metrics, health, logs, spans, rows."""
