package io.sheepdog.nativebindings.group;

/** What the requesting thread is asked to do. */
sealed interface Request {
  /** Bytes that wait with it. */
  default int size() {
    return 0;
  }

  /** cpg_join. */
  record Join() implements Request {}

  /** cpg_mcast_joined. */
  record Multicast(byte[] message) implements Request {
    @Override
    public int size() {
      return message.length;
    }
  }

  /**
   * cpg_leave.
   *
   * @param last whether nothing follows
   */
  record Leave(boolean last) implements Request {}
}
