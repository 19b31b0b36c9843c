//! Tells the linker where the memory is.

use std::{env, fs, path::PathBuf};

fn main() {
    let target = env::var("TARGET").expect("cargo sets it");
    let memory = if target.starts_with("thumb") { "arm.x" } else { "riscv.x" };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy(memory, out.join("memory.x")).expect("it can be copied");
    println!("cargo:rustc-link-search={}", out.display());
    // That of cortex-m-rt includes memory.x, that of riscv-rt does not.
    if memory == "riscv.x" {
        println!("cargo:rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rerun-if-changed={memory}");
}
