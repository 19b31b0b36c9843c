//! Tells the linker how a program for the RP2040 is laid out, and finds the radio's settings.

use std::{env, path::Path, process::exit};

/// The environment variable with the path of the settings, if they do not lie beside this file.
const VARIABLE: &str = "CYW43_NVRAM";
const FILE: &str = "nvram_rp2040.bin";

fn main() {
    // cortex-m-rt's, which includes memory.x of the package `rp2040`, and embassy-rp's, for the second
    // stage of the boot.
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=-Tlink-rp.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rerun-if-changed=build.rs");

    println!("cargo:rerun-if-env-changed={VARIABLE}");
    let here = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let file = env::var_os(VARIABLE).unwrap_or_else(|| FILE.into());
    let file = Path::new(&here).join(file);
    println!("cargo:rerun-if-changed={}", file.display());
    if !file.is_file() {
        eprintln!(
            "There is no {}. It holds the radio's settings for this board, and is part of the \
             folder `cyw43-firmware` of Embassy's repository; copy it there, or set {VARIABLE}.",
            file.display()
        );
        exit(1);
    }
    println!("cargo:rustc-env=NVRAM={}", file.display());
}
