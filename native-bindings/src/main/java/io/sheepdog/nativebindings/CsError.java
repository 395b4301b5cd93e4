package io.sheepdog.nativebindings;

/** The error codes of corosync's libraries: {@code cs_error_t} in corosync/corotypes.h. */
public enum CsError {
  /** The connection broke, or nobody listens: corosync is not running. */
  CS_ERR_LIBRARY(2, Category.FATAL),
  CS_ERR_VERSION(3, Category.FATAL),
  CS_ERR_INIT(4, Category.FATAL),
  CS_ERR_TIMEOUT(5, Category.RETRY),
  /** Corosync is busy: it forms a new ring, or its queue is full. */
  CS_ERR_TRY_AGAIN(6, Category.RETRY),
  CS_ERR_INVALID_PARAM(7, Category.FAIL),
  CS_ERR_NO_MEMORY(8, Category.RETRY),
  /** The handle was finalized, or its connection broke earlier. */
  CS_ERR_BAD_HANDLE(9, Category.FATAL),
  CS_ERR_BUSY(10, Category.RETRY),
  /** Neither root nor named in /etc/corosync/uidgid.d. */
  CS_ERR_ACCESS(11, Category.FAIL),
  CS_ERR_NOT_EXIST(12, Category.FAIL),
  CS_ERR_NAME_TOO_LONG(13, Category.FAIL),
  /** This process is in that group already. */
  CS_ERR_EXIST(14, Category.FAIL),
  CS_ERR_NO_SPACE(15, Category.RETRY),
  CS_ERR_INTERRUPT(16, Category.RETRY),
  CS_ERR_NAME_NOT_FOUND(17, Category.FAIL),
  CS_ERR_NO_RESOURCES(18, Category.RETRY),
  CS_ERR_NOT_SUPPORTED(19, Category.FAIL),
  CS_ERR_BAD_OPERATION(20, Category.FAIL),
  CS_ERR_FAILED_OPERATION(21, Category.FAIL),
  CS_ERR_MESSAGE_ERROR(22, Category.FATAL),
  CS_ERR_QUEUE_FULL(23, Category.RETRY),
  CS_ERR_QUEUE_NOT_AVAILABLE(24, Category.RETRY),
  CS_ERR_BAD_FLAGS(25, Category.FAIL),
  CS_ERR_TOO_BIG(26, Category.FAIL),
  CS_ERR_NO_SECTIONS(27, Category.FAIL),
  CS_ERR_CONTEXT_NOT_FOUND(28, Category.FAIL),
  CS_ERR_TOO_MANY_GROUPS(30, Category.FAIL),
  CS_ERR_SECURITY(100, Category.FAIL),
  /** A code that no header knows. */
  UNKNOWN(0, Category.FATAL);

  /** What success is: {@code CS_OK}. */
  public static final int CS_OK = 1;

  private final int code;
  private final Category category;

  CsError(int code, Category category) {
    this.code = code;
    this.category = category;
  }

  /** What a caller can do about an error. */
  public enum Category {
    /** The same call may succeed in a moment. */
    RETRY,
    /** This call cannot succeed; the connection is good. */
    FAIL,
    /** The connection is lost; a new one may succeed once corosync is back. */
    FATAL
  }

  /** The number of the header; 0 for {@link #UNKNOWN}. */
  public int code() {
    return code;
  }

  /** What a caller can do about it. */
  public Category category() {
    return category;
  }

  /** The error of a return code other than {@link #CS_OK}. */
  public static CsError of(int code) {
    for (CsError error : values()) {
      if (error.code == code) {
        return error;
      }
    }
    return UNKNOWN;
  }
}
