package io.sheepdog.nativebindings;

/** A call of one of corosync's libraries did not succeed. */
public final class CorosyncException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final CsError error;

  /**
   * @param call the function, as in the manual
   * @param error what it returned
   */
  public CorosyncException(String call, CsError error) {
    super(call + " answered " + error);
    this.call = call;
    this.error = error;
  }

  private CorosyncException(String call, int code) {
    super(
        call
            + " answered "
            + CsError.of(code)
            + (CsError.of(code).code() == code ? "" : " (" + code + ")"));
    this.call = call;
    this.error = CsError.of(code);
  }

  /** Throws unless a function returned success. */
  public static void check(String call, int returned) throws CorosyncException {
    if (returned != CsError.CS_OK) {
      throw new CorosyncException(call, returned);
    }
  }

  /** The function, as in the manual. */
  public String call() {
    return call;
  }

  /** What it returned. */
  public CsError error() {
    return error;
  }

  /** What can be done about it. */
  public CsError.Category category() {
    return error.category();
  }
}
