// board.js FIRMWARE SOCKET
//
// Runs an unmodified firmware on an emulated W5500-EVB-Pico: an RP2040 (rp2040js), and a W5500 on SPI0 as that board has
// it. What the firmware writes to UART0 comes out of standard output. Ethernet frames go to and come from a Unix socket,
// each behind its length in four bytes, as passt and QEMU have it. A breakpoint, where a panic ends, ends it with 101.
"use strict";

const net = require("node:net");
const { GPIOPinState, RP2040 } = require("rp2040js");
const { load } = require("./firmware.js");
const { Processor } = require("./processor.js");
const { W5500 } = require("./w5500.js");

const pin = { select: 17, reset: 20, interrupt: 21 };
const panicked = 101;

function main(firmware, path) {
  const chip = new RP2040();
  const ignore = () => {};
  // It warns of every register that it does not have, those of the clocks among them.
  chip.logger = { debug: ignore, info: ignore, warn: ignore, error: (part, text) => console.error(`${part}: ${text}`) };
  chip.uart[0].onByte = (byte) => process.stdout.write(Buffer.from([byte]));
  chip.onBreak = () => process.exit(panicked);
  load(firmware, chip);

  const link = net.connect({ path });
  const controller = new W5500({
    transmit: (frame) => link.write(Buffer.concat([lengthOf(frame), frame])),
    signal: (level) => chip.gpio[pin.interrupt].setInputValue(level),
  });
  wire(chip, controller);
  const processor = new Processor(chip);
  receive(link, (frame) => {
    controller.receive(frame);
    processor.wake();
  });
  processor.run();
}

// Connects the controller's pins.
function wire(chip, controller) {
  chip.gpio[pin.select].addListener((state) => controller.select(state === GPIOPinState.Low));
  chip.gpio[pin.reset].addListener((state) => {
    if (state === GPIOPinState.Low) controller.reset();
  });
  const spi = chip.spi[0];
  let answer = 0;
  const done = chip.clock.createAlarm(() => spi.completeTransmit(answer));
  spi.onTransmit = (byte) => {
    answer = controller.exchange(byte & 0xff);
    done.schedule((8 * 1e9) / spi.clockFrequency);
  };
}

// Calls `take` with each frame that comes. The end of the link is the end of it all.
function receive(link, take) {
  let bytes = Buffer.alloc(0);
  link.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const end = 4 + bytes.readUInt32BE(0);
      take(bytes.subarray(4, end));
      bytes = bytes.subarray(end);
    }
  });
  link.on("error", (error) => {
    console.error(`network: ${error.message}`);
    process.exit(1);
  });
  link.on("close", () => process.exit(0));
}

function lengthOf(frame) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return length;
}

main(process.argv[2], process.argv[3]);
