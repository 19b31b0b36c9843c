//! RISC-V, which counts its instructions itself; in QEMU exactly, if that is told to (`-icount`).

use riscv::register::minstret;

#[riscv_rt::entry]
fn main() -> ! {
    crate::run()
}

/// The instructions that `work` takes.
pub(crate) fn instructions(work: impl FnOnce()) -> u32 {
    let start = minstret::read();
    work();
    (minstret::read() as u32).wrapping_sub(start as u32)
}
