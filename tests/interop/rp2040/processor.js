// Runs an emulated RP2040 in real time as far as it can: its clock is never ahead of this machine's.
"use strict";

const frequency = 125_000_000; // of the processor, in hertz
const nanosecondsPerCycle = 1e9 / frequency;
const sliceLength = 50_000; // instructions between two looks at this machine's events
const shortest = 200_000; // nanoseconds of idleness that are not worth a timer

class Processor {
  constructor(chip) {
    this.chip = chip;
    this.timer = null;
    this.idleSince = 0n;
  }

  // Goes on until the processor sleeps, and then until its next alarm or an event.
  run() {
    const { core, clock } = this.chip;
    for (let count = 0; count < sliceLength; count++) {
      if (!core.waiting) {
        clock.tick(core.executeInstruction() * nanosecondsPerCycle);
      } else if (clock.nextAlarm && clock.nanosToNextAlarm < shortest) {
        clock.tick(clock.nanosToNextAlarm);
      } else {
        this.sleep();
        return;
      }
    }
    setImmediate(() => this.run());
  }

  sleep() {
    const { clock } = this.chip;
    this.idleSince = process.hrtime.bigint();
    const milliseconds = clock.nextAlarm ? clock.nanosToNextAlarm / 1e6 : 1000;
    this.timer = setTimeout(() => this.wake(), Math.max(1, milliseconds));
  }

  // Something has happened outside: an interrupt may be there to be handled.
  wake() {
    if (this.timer === null) return; // it is running
    clearTimeout(this.timer);
    this.timer = null;
    const { clock } = this.chip;
    const slept = Number(process.hrtime.bigint() - this.idleSince);
    clock.tick(clock.nextAlarm ? Math.min(slept, clock.nanosToNextAlarm) : slept);
    this.run();
  }
}

module.exports = { Processor };
