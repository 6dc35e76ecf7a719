"""What a call through the gateway costs, beside other gateways: CPU of its processes, before one local upstream."""
