package io.sheepdog.protocol;

/**
 * A header announces a payload above {@link Limits#MAX_PAYLOAD}. It carries what a server needs to
 * answer before it closes the connection; the payload itself cannot be skipped at reasonable cost.
 */
public final class PayloadTooLargeException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  private final int opcode;
  private final int id;

  /**
   * Creates the exception.
   *
   * @param opcode operation code of the header, 0..255
   * @param id request id of the header
   * @param announced announced payload length in bytes
   */
  public PayloadTooLargeException(int opcode, int id, long announced) {
    super(
        String.format(
            "Message with opcode 0x%02x announces %d payload bytes, at most %d are allowed; split it",
            opcode, announced, Limits.MAX_PAYLOAD));
    this.opcode = opcode;
    this.id = id;
  }

  /** Operation code of the header, 0..255. */
  public int opcode() {
    return opcode;
  }

  /** Request id of the header, to be echoed in the answer. */
  public int id() {
    return id;
  }
}
