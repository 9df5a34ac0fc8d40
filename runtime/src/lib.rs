//! What every process needs: config, mutual TLS, telemetry, clock, shutdown.
