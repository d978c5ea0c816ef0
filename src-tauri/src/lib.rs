//! Opens windows and carries messages.
