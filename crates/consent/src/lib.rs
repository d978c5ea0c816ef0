//! Asks, decisions, receipts, the journal's chain, and the pure prompt built from facts.
