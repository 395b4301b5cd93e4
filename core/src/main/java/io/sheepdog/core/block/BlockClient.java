package io.sheepdog.core.block;

/**
 * Who opens a volume, as far as the node can tell.
 *
 * @param address numeric address without port; this node's own for clients of the same host, on
 *     whatever way they came
 * @param process process id of a client of a Unix socket, at least 1; 0 where it is not known
 */
public record BlockClient(String address, int process) {
  /** A client of which only the address is known. */
  public static BlockClient of(String address) {
    return new BlockClient(address, 0);
  }

  /**
   * A client of a Unix socket.
   *
   * @param process as SO_PEERCRED has it (unix(7)): 0 or less if it cannot be known, as when it is
   *     outside of the PID namespace of this daemon
   */
  public static BlockClient ofProcess(String address, int process) {
    return new BlockClient(address, Math.max(process, 0));
  }

  /**
   * Whether it can be told from all others. Only such a client may have a working VDI open over
   * several connections: NBD has no word for "I am the same program".
   */
  public boolean isProcess() {
    return process > 0;
  }

  /** Whether this is certainly the same program. */
  boolean isSameProcess(BlockClient other) {
    return isProcess() && equals(other);
  }

  /** Whether both are on the same host. */
  boolean isAtSameAddress(BlockClient other) {
    return address.equals(other.address);
  }
}
