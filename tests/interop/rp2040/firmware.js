// Firmware as the linker leaves it: ELF, 32 bits, little-endian.
"use strict";

const fs = require("node:fs");

const flashStart = 0x1000_0000;
const secondStageLength = 0x100; // of the boot, in front of the application
const loadable = 1; // PT_LOAD

// Puts a program into the flash, and the processor at its start, where the boot ROM and the second
// stage of the boot would have brought it.
function load(path, chip) {
  const file = fs.readFileSync(path);
  const [headers, length, count] = [file.readUInt32LE(28), file.readUInt16LE(42), file.readUInt16LE(44)];
  for (let index = 0; index < count; index++) {
    const header = file.subarray(headers + index * length, headers + (index + 1) * length);
    const [start, address, size] = [header.readUInt32LE(4), header.readUInt32LE(12), header.readUInt32LE(16)];
    if (header.readUInt32LE(0) === loadable && size > 0) {
      if (address < flashStart || address + size > flashStart + chip.flash.length) {
        throw new Error(`${path}: ${size} bytes at ${address.toString(16)} are outside of the flash`);
      }
      chip.flash.set(file.subarray(start, start + size), address - flashStart);
    }
  }
  chip.core.VTOR = flashStart + secondStageLength;
  chip.core.SP = chip.flashView.getUint32(secondStageLength, true);
  chip.core.PC = chip.flashView.getUint32(secondStageLength + 4, true) & ~1;
}

module.exports = { load };
