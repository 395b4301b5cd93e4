package io.sheepdog.cli.copy;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a snapshot between others of an image: the working image steps aside, a new one that begins
 * as the base is filled, becomes the snapshot, and the former one comes back. If it has no data of
 * its own, it comes back as what its parent is; else its contents of until then stay as a snapshot,
 * because only from one it can come back. Whatever fails in between, it comes back.
 */
final class Detour implements AutoCloseable {
  private static final int BRANCH = 1;

  private final Remote remote;
  private final PrintStream err;
  private final InodeHeader former;
  private final InodeHeader filled;
  private final @Nullable VdiId parent;
  private final Thread hook;
  private boolean finished;

  private Detour(
      Remote remote,
      PrintStream err,
      InodeHeader former,
      InodeHeader filled,
      @Nullable VdiId parent) {
    this.remote = remote;
    this.err = err;
    this.former = former;
    this.filled = filled;
    this.parent = parent;
    this.hook = new Thread(this::undo, "undo-restore");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * The working image steps aside.
   *
   * @param head the working image
   * @param base the snapshot to begin with
   * @param size bytes of the new one
   */
  static Detour begin(Remote remote, PrintStream err, InodeHeader head, InodeHeader base, long size)
      throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    boolean own = false;
    for (int owner : vdis.index(head)) {
      own |= owner == head.vdiId().value();
    }
    boolean returnsToParent = !own && !head.parentVdiId().isNone();
    if (!returnsToParent) {
      vdis.tag(head, "before-restore-of-" + base.snapshotId() + "-" + head.snapshotId());
    }
    VdiId vid = branch(vdis, base.vdiId(), base, size);
    return new Detour(
        remote, err, head, vdis.header(vid), returnsToParent ? head.parentVdiId() : null);
  }

  private static VdiId branch(Vdis vdis, VdiId base, InodeHeader like, long size)
      throws CommandFailure {
    VdiBody body =
        new VdiBody(
            size,
            base,
            like.copies(),
            like.copyPolicy(),
            like.storePolicy(),
            like.blockSizeShift(),
            BRANCH,
            VdiBody.LOCK_NORMAL);
    return vdis.create(like.name(), body, "Failed to restore VDI " + like.name());
  }

  /** The one that is to be filled. */
  InodeHeader filled() {
    return filled;
  }

  /** The filled one becomes a snapshot, with that tag; the former working image comes back. */
  void finish(String tag) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    vdis.tag(filled, tag);
    comeBack(remote);
    finished = true;
  }

  private void comeBack(Remote daemon) throws CommandFailure {
    Vdis vdis = new Vdis(daemon);
    branch(vdis, parent == null ? former.vdiId() : parent, former, former.vdiSize());
    if (parent != null) {
      delete(daemon, vdis, former);
    }
  }

  private static void delete(Remote daemon, Vdis vdis, InodeHeader snapshot) throws CommandFailure {
    daemon.require(
        vdis.nameRequest(
            Opcode.DEL_VDI,
            snapshot.name(),
            new Snapshot(snapshot.snapshotId(), ""),
            VdiBody.LOCK_NORMAL),
        "Failed to delete snapshot " + snapshot.snapshotId() + " of VDI " + snapshot.name());
  }

  private void undo() {
    try (Remote another = remote.another()) {
      comeBack(another);
      delete(another, new Vdis(another), filled);
    } catch (CommandFailure e) {
      err.println(
          "The working image of "
              + former.name()
              + " is an incomplete restore; its former contents are snapshot "
              + former.snapshotId()
              + " ('vdi rollback -s "
              + former.snapshotId()
              + "'): "
              + e.getMessage());
      err.flush();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // the hook runs
      return;
    }
    if (!finished) {
      undo();
    }
  }
}
