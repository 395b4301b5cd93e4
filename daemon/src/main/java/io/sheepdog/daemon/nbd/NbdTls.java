package io.sheepdog.daemon.nbd;

import io.netty.channel.Channel;
import io.sheepdog.daemon.nbd.Handshake.TlsMode;
import java.util.function.Consumer;

/** Encryption as a listening socket offers it. */
interface NbdTls {
  /** There are no certificates. */
  NbdTls NONE =
      new NbdTls() {
        @Override
        public TlsMode mode() {
          return TlsMode.NONE;
        }

        @Override
        public void start(Channel channel, Consumer<String> onFailure) {
          throw new IllegalStateException("no certificates");
        }
      };

  /** What a new connection begins with. */
  TlsMode mode();

  /**
   * Encrypts what is written and read from now on.
   *
   * @param onFailure told why no encrypted connection came about
   */
  void start(Channel channel, Consumer<String> onFailure);
}
