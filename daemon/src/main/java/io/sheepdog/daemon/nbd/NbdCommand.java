package io.sheepdog.daemon.nbd;

import org.jspecify.annotations.Nullable;

/** Commands of the transmission. */
enum NbdCommand {
  READ(0, Nbd.FLAG_DF, false),
  WRITE(1, 0, true),
  DISC(2, 0, false),
  FLUSH(3, 0, false),
  TRIM(4, 0, true),
  CACHE(5, 0, false),
  WRITE_ZEROES(6, Nbd.FLAG_NO_HOLE | Nbd.FLAG_FAST_ZERO, true),
  BLOCK_STATUS(7, Nbd.FLAG_REQ_ONE, false);

  private final int number;
  private final int flags;
  private final boolean changing;

  NbdCommand(int number, int flags, boolean changing) {
    this.number = number;
    this.flags = flags;
    this.changing = changing;
  }

  int number() {
    return number;
  }

  /** Flags that it may carry, FUA aside, which goes with each. */
  int flags() {
    return flags;
  }

  /** Whether it changes the export. */
  boolean isChanging() {
    return changing;
  }

  static @Nullable NbdCommand of(int number) {
    return number >= 0 && number < values().length ? values()[number] : null;
  }
}
