package io.sheepdog.daemon.nbd;

import org.jspecify.annotations.Nullable;

/** Options that a client can send before the transmission. */
enum NbdOption {
  EXPORT_NAME(1),
  ABORT(2),
  LIST(3),
  STARTTLS(5),
  INFO(6),
  GO(7),
  STRUCTURED_REPLY(8),
  LIST_META_CONTEXT(9),
  SET_META_CONTEXT(10);

  private final int number;

  NbdOption(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static @Nullable NbdOption of(int number) {
    for (NbdOption option : values()) {
      if (option.number == number) {
        return option;
      }
    }
    return null;
  }
}
