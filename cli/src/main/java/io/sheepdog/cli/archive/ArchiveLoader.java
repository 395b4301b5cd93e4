package io.sheepdog.cli.archive;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Subcommand.Invocation;
import io.sheepdog.cli.archive.Manifest.ArchivedVdi;
import io.sheepdog.cli.copy.Unfinished;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the snapshots of an archive again, oldest first: each is filled as the working image of its
 * name and then becomes a snapshot, so it is complete or not there. What a snapshot has in common
 * with its parent they share again.
 */
final class ArchiveLoader {
  private static final int TAKE = 1;

  private final Remote remote;
  private final ArchiveDirectory archive;
  private final Manifest manifest;
  private final List<ArchivedVdi> chosen;
  private final Progress progress;

  /** The new id and the saved form of each snapshot that is there again, by its old id. */
  private final Map<VdiId, Loaded> loaded = new HashMap<>();

  /** The working image of each name, which was not written since its snapshot. */
  private final Map<String, Loaded> heads = new HashMap<>();

  private record Loaded(VdiId vid, ArchivedVdi saved) {}

  /**
   * @param chosen those of the manifest that are wanted, oldest first
   */
  ArchiveLoader(
      Invocation invocation,
      Remote remote,
      ArchiveDirectory archive,
      Manifest manifest,
      List<ArchivedVdi> chosen) {
    this.remote = remote;
    this.archive = archive;
    this.manifest = manifest;
    this.chosen = chosen;
    this.progress = new Progress(invocation.console(), invocation.profile(), 2 * length());
  }

  private long length() {
    long[] sum = {0};
    each((inode, oid, number, digest) -> sum[0] += Manifest.length(inode, number));
    return sum[0];
  }

  @FunctionalInterface
  private interface PieceTaker<E extends Exception> {
    void take(InodeHeader inode, ObjectId oid, int number, String digest) throws E;
  }

  /** Every piece, once. */
  private <E extends Exception> void each(PieceTaker<E> taker) throws E {
    Set<ObjectId> seen = new HashSet<>();
    for (ArchivedVdi vdi : chosen) {
      for (ObjectId oid : vdi.objects()) {
        List<String> digests = manifest.contents(oid);
        if (digests != null && seen.add(oid)) {
          for (int number = 0; number < digests.size(); number++) {
            taker.take(vdi.inode(), oid, number, digests.get(number));
          }
        }
      }
    }
  }

  /** Reads everything that will be needed: a damaged archive costs nobody a cluster. */
  void verify() throws CommandFailure {
    for (ArchivedVdi vdi : chosen) {
      for (ObjectId oid : vdi.objects()) {
        List<String> digests = manifest.contents(oid);
        if (digests == null || digests.size() != Manifest.pieces(vdi.inode())) {
          throw new CommandFailure(
              remote.profile().systemExit(),
              "The archive is damaged: it says nothing of object " + oid);
        }
      }
    }
    this.<CommandFailure>each(
        (inode, oid, number, digest) -> {
          int length = Manifest.length(inode, number);
          if (!digest.equals(Manifest.ZEROS)) {
            archive.read(digest, length);
          }
          progress.add(length);
        });
  }

  /** Makes all snapshots in an empty cluster, and the working images on top of the newest ones. */
  void load(Invocation invocation) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    for (ArchivedVdi saved : chosen) {
      InodeHeader inode = saved.inode();
      Loaded parent = loaded.get(inode.parentVdiId());
      VdiId vid = head(vdis, saved, parent);
      try (Unfinished unfinished =
          new Unfinished(remote, invocation.console().err(), inode.name(), vid)) {
        VdiLoader loader = new VdiLoader(remote, archive, manifest, vdis.header(vid), progress);
        loader.fill(saved, parent == null ? null : parent.saved());
        VdiId head = vdis.create(inode.name(), body(inode, vid, TAKE), failed(inode));
        unfinished.done();
        loaded.put(inode.vdiId(), new Loaded(vid, saved));
        heads.put(inode.name(), new Loaded(head, saved));
      }
    }
    progress.finish();
  }

  /** The working image that becomes that snapshot; it begins as its parent. */
  private VdiId head(Vdis vdis, ArchivedVdi saved, @Nullable Loaded parent) throws CommandFailure {
    InodeHeader inode = saved.inode();
    Loaded head = heads.remove(inode.name());
    if (head != null && parent != null && head.saved().equals(parent.saved())) {
      return head.vid();
    }
    if (head != null) {
      remote.require(
          vdis.nameRequest(Opcode.DEL_VDI, inode.name(), null, VdiBody.LOCK_NORMAL), failed(inode));
    }
    VdiId base = parent == null ? VdiId.NONE : parent.vid();
    return vdis.create(inode.name(), body(inode, base, 0), failed(inode));
  }

  private static String failed(InodeHeader inode) {
    return "Failed to restore snapshot " + inode.snapshotId() + " of VDI " + inode.name();
  }

  private static VdiBody body(InodeHeader inode, VdiId base, int snapshot) {
    return new VdiBody(
        inode.vdiSize(),
        base,
        inode.copies(),
        0,
        0,
        inode.blockSizeShift(),
        snapshot,
        VdiBody.LOCK_NORMAL);
  }
}
