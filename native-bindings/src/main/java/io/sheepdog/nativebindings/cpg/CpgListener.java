package io.sheepdog.nativebindings.cpg;

import io.sheepdog.nativebindings.RingId;
import java.util.List;

/** Receives what libcpg dispatches, in the agreed order, on the dispatching thread. */
public interface CpgListener {
  /** A message; this process gets its own too. */
  void delivered(CpgProcess sender, byte[] message);

  /**
   * The group changed.
   *
   * @param members all after the change, in no order
   */
  void membership(List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined);

  /**
   * There is a new ring. Also called once after the first {@link #membership}.
   *
   * @param nodes all its nodes
   */
  void ring(RingId ring, List<Integer> nodes);
}
