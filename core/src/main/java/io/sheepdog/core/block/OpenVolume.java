package io.sheepdog.core.block;

/** One client's hold of an open volume. */
public final class OpenVolume {
  private final BlockVolume volume;
  private final VolumeInfo info;
  private final Holder holder;
  private boolean closed;

  /** Who is told of what happens to the volume. */
  interface Holder {
    /** The client has gone; {@code inOrder} tells whether it said so. */
    void left(boolean inOrder);
  }

  OpenVolume(BlockVolume volume, VolumeInfo info, Holder holder) {
    this.volume = volume;
    this.info = info;
    this.holder = holder;
  }

  /** The bytes. */
  public BlockVolume volume() {
    return volume;
  }

  /** Name, size and so on, as of the opening. */
  public VolumeInfo info() {
    return info;
  }

  /**
   * Gives it back. Requests under way run to their end.
   *
   * @param inOrder whether the client took its leave; one that did not may come back
   */
  public void close(boolean inOrder) {
    if (!closed) {
      closed = true;
      holder.left(inOrder);
    }
  }
}
