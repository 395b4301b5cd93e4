package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import java.util.List;

/** Receives the history from this process's own join on, in order. Driver thread. */
interface EventSink {
  /**
   * Somebody joined.
   *
   * @param members all members after it, oldest first
   */
  void joined(List<MemberId> members, MemberId member);

  /**
   * Somebody left or died.
   *
   * @param members all members after it, oldest first
   */
  void gone(List<MemberId> members, MemberId member, Departure how);

  void message(MemberId sender, byte[] message);
}
