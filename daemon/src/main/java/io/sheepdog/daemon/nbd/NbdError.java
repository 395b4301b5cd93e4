package io.sheepdog.daemon.nbd;

import io.sheepdog.protocol.ResultCode;

/** Error values of replies in the transmission. */
enum NbdError {
  NONE(0),
  EPERM(1),
  EIO(5),
  EINVAL(22),
  ENOSPC(28),
  ENOTSUP(95),
  ESHUTDOWN(108);

  private final int number;

  NbdError(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** How a client hears of the end of a request. */
  static NbdError of(ResultCode code) {
    return switch (code) {
      case SUCCESS -> NONE;
      case READONLY -> EPERM;
      case NO_SPACE -> ENOSPC;
      case NO_SUPPORT -> ENOTSUP;
      // without its lock a client can only go and come back
      case VDI_LOCKED, SHUTDOWN -> ESHUTDOWN;
      default -> EIO;
    };
  }

  /** One sentence for people. */
  static String text(ResultCode code) {
    return switch (code) {
      case VDI_LOCKED -> "the lock of this VDI was taken away; connect again";
      case READONLY -> "this export is read-only";
      case NO_SPACE -> "no space left in the cluster";
      case NO_SUPPORT -> "these zeros would have to be written";
      case NO_VDI -> "this VDI was deleted";
      default -> code.collieText();
    };
  }
}
