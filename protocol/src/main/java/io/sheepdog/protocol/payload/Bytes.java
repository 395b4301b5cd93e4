package io.sheepdog.protocol.payload;

/** Range checks of small fields. */
final class Bytes {
  private Bytes() {}

  static void u8(String what, int value) {
    check(what, value, 0xff);
  }

  static void u16(String what, int value) {
    check(what, value, 0xffff);
  }

  private static void check(String what, int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range; 0 to " + max + " are allowed");
    }
  }
}
