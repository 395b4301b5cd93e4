package io.sheepdog.core.block;

import java.util.OptionalInt;

/**
 * Who opens a volume.
 *
 * @param address numeric address without port; this node's own for clients of the same host, on
 *     whatever way they came
 * @param process process id, known for clients of a Unix socket
 */
public record BlockClient(String address, OptionalInt process) {
  /** A client of which only the address is known. */
  public static BlockClient of(String address) {
    return new BlockClient(address, OptionalInt.empty());
  }

  /** Whether this is certainly the same program. */
  boolean isSameProcess(BlockClient other) {
    return process.isPresent() && process.equals(other.process) && address.equals(other.address);
  }

  /** Whether both are on the same host. */
  boolean isAtSameAddress(BlockClient other) {
    return address.equals(other.address);
  }

  /** Whether this may be the same program, as far as addresses and process ids tell. */
  boolean mayBe(BlockClient other) {
    return address.equals(other.address) && process.equals(other.process);
  }
}
