//! Serializable mirrors for the face: what the window may see and ask.
