//! Keeps everything durable in redb and opens every old file.
