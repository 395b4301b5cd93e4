package io.sheepdog.core.replica;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.id.BlockSizeShift;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.PeerBody;
import org.jspecify.annotations.Nullable;

/**
 * Size and redundancy of objects. They come from the directory entry of the vid that owns the
 * object, never from a request: a clone may have another number of copies than the objects it
 * shares (spec/client-behaviour.md section 1.7).
 */
public final class ObjectShapes {
  private static final long ATTRIBUTE_SIZE = 66320;
  private static final long NODE_SIZE = 4L << 20;

  private final ClusterView cluster;

  /** Creates the view. */
  public ObjectShapes(ClusterView cluster) {
    this.cluster = cluster;
  }

  /**
   * Attributes that a copy made now would get; null when this node knows no such vid, not how large
   * its objects are, or no object can have that id.
   */
  public @Nullable ObjectAttributes of(ObjectId oid) {
    ClusterConfig config = cluster.state().config();
    VdiEntry entry = cluster.state().directory().entry(oid.vid());
    return switch (oid.kind()) {
      case ATTRIBUTE -> config == null ? null : shape(ATTRIBUTE_SIZE, config.copies());
      case INODE -> entry == null ? null : shape(InodeLayout.FULL_SIZE, copies(entry, config));
      case DATA, VMSTATE ->
          entry == null || !BlockSizeShift.isValid(entry.blockSizeShift())
              ? null
              : shape(BlockSizeShift.objectSize(entry.blockSizeShift()), copies(entry, config));
      case BTREE, LEDGER -> entry == null ? null : shape(NODE_SIZE, copies(entry, config));
      case INVALID -> null;
    };
  }

  /**
   * Attributes of an object that is to be created on request of a gateway. A vid that was reserved
   * a moment ago may be known there and not yet here, so they come from the request.
   */
  @Nullable ObjectAttributes forCreation(ObjectId oid, PeerBody body) {
    if (body.copies() < 1 || body.copies() > Limits.MAX_COPIES) {
      return of(oid);
    }
    return switch (oid.kind()) {
      case INODE -> shape(InodeLayout.FULL_SIZE, body.copies());
      case ATTRIBUTE -> shape(ATTRIBUTE_SIZE, body.copies());
      case BTREE, LEDGER -> shape(NODE_SIZE, body.copies());
      case DATA, VMSTATE ->
          BlockSizeShift.isValid(body.blockSizeShift())
              ? shape(BlockSizeShift.objectSize(body.blockSizeShift()), body.copies())
              : of(oid);
      case INVALID -> null;
    };
  }

  /** An empty header says nothing of copies: such an inode is kept like any other. */
  private static int copies(VdiEntry entry, @Nullable ClusterConfig config) {
    return entry.copies() > 0 || config == null ? entry.copies() : config.copies();
  }

  private ObjectAttributes shape(long size, int copies) {
    return new ObjectAttributes(size, copies, 0, cluster.servingEpoch());
  }
}
