//! A few values that each thread keeps for their next use.

use std::cell::RefCell;
use std::thread::LocalKey;

/// The values of a kind that a thread keeps.
pub(crate) type Pool<T> = LocalKey<RefCell<Vec<T>>>;

/// The most that a thread keeps of a kind.
const KEPT: usize = 4;

/// Takes the last of the values that `fits`. `None` if the thread keeps none, or is ending.
pub(crate) fn lend<T>(pool: &'static Pool<T>, fits: impl FnMut(&mut T) -> bool) -> Option<T> {
    let lent = pool.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let found = kept.iter_mut().rposition(fits);
        found.map(|index| kept.swap_remove(index))
    });
    lent.ok().flatten()
}

/// Keeps the value, in place of another if there are many.
pub(crate) fn take_back<T>(pool: &'static Pool<T>, value: T) {
    // A thread that is ending keeps none.
    let _ = pool.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() == KEPT {
            kept.swap_remove(0);
        }
        kept.push(value);
    });
}
