package io.sheepdog.core.gateway;

import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What this gateway acknowledged and nobody has flushed: for each object the replicas, with their
 * incarnations, that took the last write (R9). It is kept per vid and shared by all sessions, so
 * that a client that reconnects can flush what it wrote before.
 *
 * <p>The last write's replicas are enough: a node that became a replica after an earlier write got
 * the object, that write included, durably before it took the later one. What was written before an
 * epoch that is complete by now is durable on all its homes: they synced before they said so.
 */
final class Unflushed {
  /** Objects of one vid above which this node flushes by itself. */
  static final int MAX_OBJECTS = 4096;

  private final ClusterView cluster;
  private final Map<VdiId, Map<ObjectId, Taken>> objects = new HashMap<>();
  private final Map<ClientSession, Set<VdiId>> written = new HashMap<>();
  private final Consumer<VdiId> orphaned;

  /** Who took a write, not after that epoch. */
  private record Taken(List<Replica> replicas, Epoch epoch) {}

  /**
   * Creates an empty record.
   *
   * @param orphaned told of a vid that this node should flush by itself: it has too many unflushed
   *     objects, or a session that wrote to it closed
   */
  Unflushed(ClusterView cluster, Consumer<VdiId> orphaned) {
    this.cluster = cluster;
    this.orphaned = orphaned;
  }

  /** A write was carried out in the memory of these replicas; called before the client is told. */
  void note(ClientSession session, ObjectId oid, List<Replica> replicas) {
    if (!session.isClosed()) {
      writtenBy(session).add(oid.vid());
    }
    Map<ObjectId, Taken> ofVid = objects.computeIfAbsent(oid.vid(), v -> new LinkedHashMap<>());
    Taken before = ofVid.get(oid);
    Epoch now = cluster.servingEpoch();
    if (before == null || !before.epoch().equals(now) || !replicas.equals(before.replicas())) {
      ofVid.put(oid, new Taken(replicas, now));
    }
    if (session.isClosed() || ofVid.size() > MAX_OBJECTS) {
      orphaned.accept(oid.vid());
    }
  }

  private Set<VdiId> writtenBy(ClientSession session) {
    Set<VdiId> vids = written.get(session);
    if (vids != null) {
      return vids;
    }
    Set<VdiId> created = new TreeSet<>();
    written.put(session, created);
    session.onClose(
        () -> {
          written.remove(session);
          created.forEach(orphaned);
        });
    return created;
  }

  /** All vids that the session wrote, before and after snapshots, in a new set. */
  Set<VdiId> vidsOf(ClientSession session) {
    Set<VdiId> vids = written.get(session);
    return vids == null ? new TreeSet<>() : new TreeSet<>(vids);
  }

  /** Whether anything of that vid is unflushed. */
  boolean has(VdiId vid) {
    return objects.containsKey(vid);
  }

  /** Takes over all unflushed objects of a vid; what is written from now on is noted anew. */
  Map<ObjectId, List<Replica>> take(VdiId vid) {
    Map<ObjectId, Taken> taken = objects.remove(vid);
    Map<ObjectId, List<Replica>> unsafe = new LinkedHashMap<>();
    if (taken != null) {
      Epoch complete = cluster.state().recovery().complete();
      taken.forEach(
          (oid, last) -> {
            if (!complete.isNewerThan(last.epoch())) {
              unsafe.put(oid, last.replicas());
            }
          });
    }
    return unsafe;
  }
}
