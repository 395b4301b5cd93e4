package io.sheepdog.cli.archive;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Subcommand.Invocation;
import io.sheepdog.cli.archive.Manifest.ArchivedCluster;
import io.sheepdog.cli.archive.Manifest.ArchivedVdi;
import io.sheepdog.cli.archive.Manifest.Head;
import io.sheepdog.cli.archive.PieceSaver.Piece;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.EpochLogEntry;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Saves snapshots of images. Objects of a snapshot never change and ids are never used twice, so
 * what an earlier save of the same cluster has is not even read again.
 */
final class ArchiveSaver {
  private final Remote remote;
  private final ArchiveDirectory archive;

  ArchiveSaver(Remote remote, ArchiveDirectory archive) {
    this.remote = remote;
    this.archive = archive;
  }

  /**
   * Saves.
   *
   * @param names images of which snapshots are saved; empty for all
   * @param threads that read and write at the same time
   */
  void save(Invocation invocation, String tag, List<String> names, int threads)
      throws CommandFailure {
    List<Head> before = archive.heads();
    for (Head head : before) {
      if (head.tag().equals(tag)) {
        throw new CommandFailure(1, "The archive has a snapshot '" + tag + "' already");
      }
    }
    List<InodeHeader> inodes = snapshots(names);
    ArchivedCluster cluster = cluster();
    Map<ObjectId, List<String>> known = known(before, cluster);
    List<ArchivedVdi> vdis = new ArrayList<>(inodes.size());
    // digests by object; empty until they are known
    Map<ObjectId, List<String>> objects = new LinkedHashMap<>();
    List<Piece> missing = new ArrayList<>();
    Vdis source = new Vdis(remote);
    for (InodeHeader inode : inodes) {
      ArchivedVdi vdi = ArchivedVdi.of(inode, source.index(inode));
      vdis.add(vdi);
      for (ObjectId oid : vdi.objects()) {
        if (!objects.containsKey(oid)) {
          List<String> digests = known.getOrDefault(oid, List.of());
          boolean there = isThere(inode, digests);
          objects.put(oid, there ? digests : List.of());
          for (int number = 0; !there && number < Manifest.pieces(inode); number++) {
            missing.add(new Piece(oid, number, Manifest.length(inode, number)));
          }
        }
      }
    }
    fetch(invocation, missing, objects, threads);
    int index = before.isEmpty() ? 1 : before.get(before.size() - 1).index() + 1;
    Head head = new Head(index, tag, Instant.now().getEpochSecond(), cluster);
    archive.add(new Manifest(head, vdis, objects));
  }

  private void fetch(
      Invocation invocation, List<Piece> missing, Map<ObjectId, List<String>> objects, int threads)
      throws CommandFailure {
    long total = missing.stream().mapToLong(Piece::length).sum();
    Progress progress = new Progress(invocation.console(), invocation.profile(), total);
    String[] digests = new PieceSaver(archive, missing, progress).save(remote, threads);
    for (int first = 0; first < missing.size(); ) {
      int end = first + 1;
      while (end < missing.size() && missing.get(end).oid().equals(missing.get(first).oid())) {
        end++;
      }
      objects.put(missing.get(first).oid(), List.of(Arrays.copyOfRange(digests, first, end)));
      first = end;
    }
    progress.finish();
  }

  private List<InodeHeader> snapshots(List<String> names) throws CommandFailure {
    List<InodeHeader> found = new ArrayList<>();
    List<String> without = new ArrayList<>(names);
    for (InodeHeader inode : new Vdis(remote).headers()) {
      if (inode.isSnapshot() && (names.isEmpty() || names.contains(inode.name()))) {
        found.add(inode);
        without.remove(inode.name());
      }
    }
    if (!without.isEmpty()) {
      throw new CommandFailure(
          remote.profile().systemExit(),
          "There is no snapshot of VDI " + without.get(0) + ": 'vdi snapshot' takes one");
    }
    if (found.isEmpty()) {
      throw new CommandFailure(
          remote.profile().systemExit(),
          "There is nothing to save: no VDI has a snapshot.\n"
              + "Only snapshots are saved, because working VDIs change meanwhile.\n"
              + "'vdi snapshot -s TAG NAME' takes one, also while a VM runs.\n"
              + "Then call this command again.");
    }
    found.sort(
        Comparator.comparing(InodeHeader::snapshotTime).thenComparing(InodeHeader::snapshotId));
    return parentsFirst(found);
  }

  /** The clocks of nodes may differ, so time alone does not put a parent before its children. */
  private static List<InodeHeader> parentsFirst(List<InodeHeader> inodes) {
    Map<VdiId, InodeHeader> pending = new LinkedHashMap<>();
    inodes.forEach(inode -> pending.put(inode.vdiId(), inode));
    List<InodeHeader> ordered = new ArrayList<>(inodes.size());
    for (InodeHeader inode : inodes) {
      ArrayDeque<InodeHeader> line = new ArrayDeque<>();
      InodeHeader next = pending.remove(inode.vdiId());
      while (next != null) {
        line.push(next);
        next = pending.remove(next.parentVdiId());
      }
      ordered.addAll(line);
    }
    return ordered;
  }

  private ArchivedCluster cluster() throws CommandFailure {
    EpochLogEntry newest = ClusterView.of(remote).newest();
    Response defaults = remote.ask(Opcode.GET_CLUSTER_DEFAULT, RawBody.EMPTY);
    remote.require(defaults, "Failed to read the cluster's defaults");
    int shift = defaults.body() instanceof ClusterDefaultReply reply ? reply.blockSizeShift() : 0;
    return new ArchivedCluster(
        newest.creationTime().wire(), newest.copies(), shift, newest.flags(), newest.driverName());
  }

  /** What the last save of the same cluster knows of objects. */
  private Map<ObjectId, List<String>> known(List<Head> before, ArchivedCluster cluster)
      throws CommandFailure {
    for (int i = before.size() - 1; i >= 0; i--) {
      if (before.get(i).cluster().id() == cluster.id()) {
        Manifest manifest = archive.manifest(before.get(i).index());
        return manifest == null ? Map.of() : manifest.objects();
      }
    }
    return Map.of();
  }

  private boolean isThere(InodeHeader inode, List<String> digests) {
    boolean there = digests.size() == Manifest.pieces(inode);
    for (int number = 0; there && number < digests.size(); number++) {
      String digest = digests.get(number);
      there = digest.equals(Manifest.ZEROS) || archive.has(digest, Manifest.length(inode, number));
    }
    return there;
  }
}
