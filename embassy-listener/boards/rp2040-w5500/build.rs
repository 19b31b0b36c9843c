//! Tells the linker how a program for the RP2040 is laid out.

fn main() {
    // cortex-m-rt's, which includes memory.x of the package `rp2040`, and embassy-rp's, for the second
    // stage of the boot.
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=-Tlink-rp.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rerun-if-changed=build.rs");
}
