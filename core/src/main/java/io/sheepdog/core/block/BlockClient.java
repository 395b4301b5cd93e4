package io.sheepdog.core.block;

/**
 * Who opens a volume, as far as the node can tell.
 *
 * @param address numeric address without port; this node's own for clients of the same host, on
 *     whatever way they came
 * @param origin what else is known
 * @param process process id of a client of a Unix socket, at least 1; 0 where it is not known
 */
public record BlockClient(String address, Origin origin, int process) {
  /** How much is known of a client besides its address. */
  public enum Origin {
    /** Nothing; it came by TCP. */
    NETWORK,
    /** Its process. */
    PROCESS,
    /**
     * It is some process of this host. The kernel does not say which when that is outside of the
     * PID namespace of this daemon: all such processes look alike, as clients of one address do.
     */
    UNKNOWN_PROCESS
  }

  /** A client of which only the address is known. */
  public static BlockClient of(String address) {
    return new BlockClient(address, Origin.NETWORK, 0);
  }

  /**
   * A client of a Unix socket.
   *
   * @param process as SO_PEERCRED has it (unix(7)): 0 or less if it cannot be known
   */
  public static BlockClient ofProcess(String address, int process) {
    return process > 0
        ? new BlockClient(address, Origin.PROCESS, process)
        : new BlockClient(address, Origin.UNKNOWN_PROCESS, 0);
  }

  /** Whether this is certainly the same program. */
  boolean isSameProcess(BlockClient other) {
    return origin == Origin.PROCESS && equals(other);
  }

  /** Whether both are on the same host. */
  boolean isAtSameAddress(BlockClient other) {
    return address.equals(other.address);
  }

  /** Whether this may be the same program, as far as addresses and process ids tell. */
  boolean mayBe(BlockClient other) {
    return equals(other);
  }
}
