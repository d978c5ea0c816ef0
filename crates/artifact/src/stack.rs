//! What a calculation with a secret leaves on the stack: values that are moved stay behind where
//! they were, in frames that nobody uses any more.

use std::hint::black_box;

/// Bytes below a frame that are overwritten: more than any calculation here takes.
const DEPTH: usize = 128 << 10;

/// Runs `act`, and overwrites what its calls left on the stack. What it gives must hold its secret
/// on the heap, as [`crate::Secret`] does. Not for a future: it leaves the stack in between.
#[inline(never)]
pub fn traceless<T>(act: impl FnOnce() -> T) -> T {
    let done = apart(act);
    overwrite();
    done
}

/// In a frame of its own, below that of the caller whatever is inlined there.
#[inline(never)]
fn apart<T>(act: impl FnOnce() -> T) -> T {
    act()
}

/// Takes the place of the frames that were there before.
#[inline(never)]
fn overwrite() {
    black_box(&mut [0_u8; DEPTH]);
}
