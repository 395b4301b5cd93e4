package io.sheepdog.protocol;

/**
 * Protocol version byte of a request header and the rule that accepts it (wire protocol, section
 * 3).
 *
 * <p>QEMU 5.2 sends 0 in most requests and 1 in LOCK_VDI, GET_VDI_INFO and GET_CLUSTER_DEFAULT;
 * {@code dog} sends {@link #PUBLIC} or {@link #INTERNAL}; nodes send {@link #INTERNAL} to each
 * other. Responses carry {@link #RESPONSE}.
 */
public final class ProtocolVersion {
  /** Newest version of the opcodes below 0x80; older ones (0 and 1) are accepted as well. */
  public static final int PUBLIC = 0x02;

  /** The only version accepted for opcodes from 0x80 on. */
  public static final int INTERNAL = 0x0a;

  /** Version byte of every response; clients ignore it. */
  public static final int RESPONSE = 0x00;

  private static final int FIRST_INTERNAL_OPCODE = 0x80;

  private ProtocolVersion() {}

  /**
   * Whether {@code opcode} (0..255) belongs to the range that nodes and admin tools use among
   * themselves.
   */
  public static boolean isInternal(int opcode) {
    return opcode >= FIRST_INTERNAL_OPCODE;
  }

  /**
   * The version that our own requests with this opcode (0..255) carry, the same that {@code dog}
   * v1.0 sends.
   */
  public static int forOpcode(int opcode) {
    return isInternal(opcode) ? INTERNAL : PUBLIC;
  }

  /**
   * Whether a request is acceptable; if not, the answer is {@link ResultCode#VER_MISMATCH}. The
   * check comes before the opcode is looked up, so it also covers unknown opcodes.
   */
  public static boolean accepts(int opcode, int version) {
    return isInternal(opcode) ? version == INTERNAL : version <= PUBLIC;
  }
}
