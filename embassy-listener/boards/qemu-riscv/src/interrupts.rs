//! The interrupt controller and the handlers.

use qemu::Register;
use riscv::interrupt::Interrupt;

use crate::{clock, virtio_net};

/// Registers of the interrupt controller (PLIC), for hart 0 in machine mode.
const PRIORITY: Register<u32> = at(4 * virtio_net::INTERRUPT);
const ENABLE: Register<u32> = at(0x2000);
const THRESHOLD: Register<u32> = at(0x20_0000);
const CLAIM: Register<u32> = at(0x20_0004);

/// Returns the register at that offset.
const fn at(offset: usize) -> Register<u32> {
    // SAFETY: only used above, for registers of the PLIC of QEMU's `virt` machine.
    unsafe { Register::new(0x0c00_0000 + offset) }
}

/// Enables the interrupts of the timer and the network interface.
pub(crate) fn enable() {
    PRIORITY.write(1);
    ENABLE.write(1 << virtio_net::INTERRUPT);
    THRESHOLD.write(0);
    // SAFETY: the handlers are below, and no critical section relies on their mask.
    unsafe {
        riscv::register::mie::set_mtimer();
        riscv::register::mie::set_mext();
        riscv::interrupt::enable();
    }
}

#[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
fn on_timer() {
    clock::on_interrupt();
}

/// Handles the external interrupt, which has one source.
#[riscv_rt::core_interrupt(Interrupt::MachineExternal)]
fn on_external() {
    let source = CLAIM.read();
    virtio_net::on_interrupt();
    CLAIM.write(source);
}
