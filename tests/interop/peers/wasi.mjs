// wasi.mjs PROGRAM
//
// Runs a WASI program under Node's runtime, on this process's own standard input and output. Ends
// with the program's exit code, or with 70 if it trapped.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", returnOnExit: true });
const program = await WebAssembly.compile(await readFile(process.argv[2]));
const instance = await WebAssembly.instantiate(program, { wasi_snapshot_preview1: wasi.wasiImport });
try {
  process.exitCode = wasi.start(instance);
} catch (trap) {
  console.error(trap);
  process.exitCode = 70;
}
