package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.cpg.CpgProcess;
import java.util.List;

/** What the drivers of one group say to each other. Bytes: {@link GroupMessageCodec}. */
sealed interface GroupMessage {
  /**
   * The sender asks to become a member, here in the order.
   *
   * @param nonce names this greeting
   */
  record Hello(long nonce) implements GroupMessage {}

  /**
   * Who was a member when a greeting was delivered.
   *
   * @param nonce that of the greeting
   * @param members oldest first, without the one that greeted
   */
  record Roster(long nonce, List<CpgProcess> members) implements GroupMessage {
    public Roster {
      members = List.copyOf(members);
    }
  }

  /**
   * Nobody is left who knows what to answer a greeting with: leave and greet again.
   *
   * @param nonce that of the greeting
   */
  record Again(long nonce) implements GroupMessage {}

  /**
   * A message of the cluster.
   *
   * @param payload 1 to 60 KiB
   */
  record Payload(byte[] payload) implements GroupMessage {}
}
