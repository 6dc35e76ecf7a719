"""Answers that outlive their call: kept, gone on from, and made without a client waiting."""
