//! A peer session as a state machine without IO.
