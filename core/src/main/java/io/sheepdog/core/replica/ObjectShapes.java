package io.sheepdog.core.replica;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.id.BlockSizeShift;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
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
    VdiEntry entry = cluster.state().directory().entry(oid.vid());
    int copies = copiesIn(oid, epoch());
    if (copies == 0 || (entry == null && oid.kind() != ObjectKind.ATTRIBUTE)) {
      return null;
    }
    return switch (oid.kind()) {
      case ATTRIBUTE -> shape(ATTRIBUTE_SIZE, copies);
      case INODE -> shape(InodeLayout.FULL_SIZE, copies);
      case DATA, VMSTATE ->
          entry == null || !BlockSizeShift.isValid(entry.blockSizeShift())
              ? null
              : shape(BlockSizeShift.objectSize(entry.blockSizeShift()), copies);
      case BTREE, LEDGER -> shape(NODE_SIZE, copies);
      case INVALID -> null;
    };
  }

  /** The epoch being served, or the newest one before any is. */
  private Epoch epoch() {
    Epoch serving = cluster.servingEpoch();
    return serving.isZero() ? cluster.state().epoch() : serving;
  }

  /**
   * How many copies the object has in an epoch that is not older than the newest complete one. An
   * empty header says nothing of copies: such an inode is kept like what belongs to no VDI.
   */
  int copiesIn(ObjectId oid, Epoch epoch) {
    return cluster.state().copiesIn(oid, epoch);
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

  private ObjectAttributes shape(long size, int copies) {
    return new ObjectAttributes(size, copies, 0, cluster.servingEpoch());
  }
}
