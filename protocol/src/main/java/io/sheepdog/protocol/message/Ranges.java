package io.sheepdog.protocol.message;

import io.sheepdog.protocol.Limits;

/** Range checks of header fields. */
final class Ranges {
  private static final long U32_MAX = 0xffffffffL;

  private Ranges() {}

  static void u8(String what, int value) {
    check(what, value, 0xff);
  }

  static void u16(String what, int value) {
    check(what, value, 0xffff);
  }

  static void u32(String what, long value) {
    check(what, value, U32_MAX);
  }

  static void payloadLength(int value) {
    check("Payload length", value, Limits.MAX_PAYLOAD);
  }

  private static void check(String what, long value, long max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range; 0 to " + max + " are allowed");
    }
  }
}
