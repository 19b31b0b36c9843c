// A model of WIZnet's W5500 Ethernet controller: its SPI frames, its interrupt, and socket 0 in MACRAW mode, which is all
// that a driver of raw Ethernet frames uses. Numbers and names are those of the datasheet (version 1.1.0).
"use strict";

// The blocks that an SPI frame can name.
const block = { common: 0, socket: 1, transmit: 2, receive: 3 };

// Of the common block.
const MR = 0x00, SHAR = 0x09, SIR = 0x17, SIMR = 0x18, PHYCFGR = 0x2e, VERSIONR = 0x39;

// Of the block of a socket.
const Sn_MR = 0x00, Sn_CR = 0x01, Sn_IR = 0x02, Sn_SR = 0x03;
const Sn_RXBUF_SIZE = 0x1e, Sn_TXBUF_SIZE = 0x1f, Sn_TX_FSR = 0x20, Sn_TX_RD = 0x22, Sn_TX_WR = 0x24;
const Sn_RX_RSR = 0x26, Sn_RX_RD = 0x28, Sn_RX_WR = 0x2a, Sn_IMR = 0x2c;

const command = { open: 0x01, close: 0x10, send: 0x20, receive: 0x40 };
const interrupt = { received: 0x04, sent: 0x10 };
const macraw = 0x42; // Sn_SR
const longestFrame = 1514;

class W5500 {
  // `transmit` takes each frame that leaves; `signal` takes the level of the interrupt pin.
  constructor({ transmit, signal }) {
    this.transmit = transmit;
    this.signal = signal;
    this.selected = false;
    this.reset();
  }

  // What the reset pin does, and bit 7 of MR.
  reset() {
    this.common = Buffer.alloc(0x40);
    this.common[PHYCFGR] = 0xbf; // the link is up, full duplex, 100 Mbit/s
    this.common[VERSIONR] = 0x04;
    this.socket = Buffer.alloc(0x30);
    this.socket[Sn_RXBUF_SIZE] = this.socket[Sn_TXBUF_SIZE] = 2;
    this.sending = Buffer.alloc(0x4000);
    this.received = Buffer.alloc(0x4000);
    this.phase = 0;
    this.update();
  }

  // The select pin: an SPI frame is what passes while it is low.
  select(selected) {
    this.phase = 0;
    this.selected = selected;
  }

  // One byte of an SPI frame: takes what comes in and gives what goes out at the same time.
  exchange(byte) {
    if (!this.selected) return 0xff;
    switch (this.phase) {
      case 0: // the address
        this.address = byte << 8;
        return ++this.phase;
      case 1:
        this.address |= byte;
        return ++this.phase;
      case 2: // the block, and the direction
        this.block = byte >> 3;
        this.writing = (byte & 4) !== 0;
        return ++this.phase;
    }
    const address = this.address;
    this.address = (address + 1) & 0xffff;
    if (!this.writing) return this.read(address);
    this.write(address, byte);
    return 0;
  }

  // A frame off the wire. It is lost if it is for another host, or if there is no room.
  receive(frame) {
    const length = frame.length + 2;
    if (this.socket[Sn_SR] !== macraw || frame.length > longestFrame || !this.accepts(frame)) return;
    if (this.pending() + length > this.receiveSize()) return;
    const header = Buffer.from([length >> 8, length & 0xff]);
    let position = this.socket.readUInt16BE(Sn_RX_WR);
    for (const byte of Buffer.concat([header, frame])) {
      this.received[position % this.receiveSize()] = byte;
      position = (position + 1) & 0xffff;
    }
    this.socket.writeUInt16BE(position, Sn_RX_WR);
    this.socket[Sn_IR] |= interrupt.received;
    this.update();
  }

  // Whether a frame passes the filter: bit 7 of Sn_MR turns it on.
  accepts(frame) {
    const filtering = (this.socket[Sn_MR] & 0x80) !== 0;
    const forAll = (frame[0] & 1) !== 0;
    return !filtering || forAll || frame.subarray(0, 6).equals(this.common.subarray(SHAR, SHAR + 6));
  }

  read(address) {
    switch (this.block) {
      case block.common:
        return this.common[address] ?? 0;
      case block.socket:
        return this.socket[address] ?? 0;
      case block.transmit:
        return this.sending[address % this.transmitSize()];
      case block.receive:
        return this.received[address % this.receiveSize()];
    }
    throw new Error(`W5500: block ${this.block} is not modelled`);
  }

  write(address, byte) {
    switch (this.block) {
      case block.common:
        if (address === MR && (byte & 0x80) !== 0) return this.reset();
        if (![SIR, PHYCFGR, VERSIONR].includes(address)) this.common[address] = byte;
        return this.update();
      case block.socket:
        if (address === Sn_CR) this.command(byte);
        else if (address === Sn_IR) this.socket[Sn_IR] &= ~byte;
        else this.socket[address] = byte;
        return this.update();
      case block.transmit:
        this.sending[address % this.transmitSize()] = byte;
        return;
      case block.receive:
        this.received[address % this.receiveSize()] = byte;
        return;
    }
    throw new Error(`W5500: block ${this.block} is not modelled`);
  }

  command(code) {
    switch (code) {
      case command.open:
        if ((this.socket[Sn_MR] & 0x0f) !== 4) throw new Error("W5500: only MACRAW is modelled");
        this.socket.fill(0, Sn_TX_RD, Sn_IMR);
        this.socket[Sn_SR] = macraw;
        return;
      case command.close:
        this.socket[Sn_SR] = 0;
        return;
      case command.send:
        this.send();
        return;
      case command.receive:
        if (this.pending() > 0) this.socket[Sn_IR] |= interrupt.received;
        return;
    }
    throw new Error(`W5500: command ${code} is not modelled`);
  }

  send() {
    const [start, end] = [this.socket.readUInt16BE(Sn_TX_RD), this.socket.readUInt16BE(Sn_TX_WR)];
    const frame = Buffer.alloc((end - start) & 0xffff);
    for (let index = 0; index < frame.length; index++) {
      frame[index] = this.sending[(start + index) % this.transmitSize()];
    }
    this.socket.writeUInt16BE(end, Sn_TX_RD);
    this.socket[Sn_IR] |= interrupt.sent;
    if (this.socket[Sn_SR] === macraw) this.transmit(frame);
  }

  // Bytes received and not taken yet.
  pending() {
    return (this.socket.readUInt16BE(Sn_RX_WR) - this.socket.readUInt16BE(Sn_RX_RD)) & 0xffff;
  }

  receiveSize() {
    return this.socket[Sn_RXBUF_SIZE] * 1024;
  }

  transmitSize() {
    return this.socket[Sn_TXBUF_SIZE] * 1024;
  }

  // What follows from the other registers. Frames leave at once, so all of the transmit buffer is free.
  update() {
    this.socket.writeUInt16BE(this.transmitSize(), Sn_TX_FSR);
    this.socket.writeUInt16BE(this.pending(), Sn_RX_RSR);
    this.common[SIR] = (this.socket[Sn_IR] & this.socket[Sn_IMR]) !== 0 ? 1 : 0;
    this.signal((this.common[SIR] & this.common[SIMR]) === 0); // low while it asks for attention
  }
}

module.exports = { W5500 };
