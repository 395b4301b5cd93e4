package io.sheepdog.core.gateway;

import io.sheepdog.core.session.ClientSession;
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
 * the object, that write included, durably before it took the later one.
 */
final class Unflushed {
  /** Objects of one vid above which this node flushes by itself. */
  static final int MAX_OBJECTS = 4096;

  private final Map<VdiId, Map<ObjectId, List<Replica>>> objects = new HashMap<>();
  private final Map<ClientSession, Set<VdiId>> written = new HashMap<>();
  private final Consumer<VdiId> orphaned;

  /**
   * Creates an empty record.
   *
   * @param orphaned told of a vid that this node should flush by itself: it has too many unflushed
   *     objects, or a session that wrote to it closed
   */
  Unflushed(Consumer<VdiId> orphaned) {
    this.orphaned = orphaned;
  }

  /** A write was carried out in the memory of these replicas; called before the client is told. */
  void note(ClientSession session, ObjectId oid, List<Replica> replicas) {
    if (!session.isClosed()) {
      writtenBy(session).add(oid.vid());
    }
    Map<ObjectId, List<Replica>> ofVid =
        objects.computeIfAbsent(oid.vid(), v -> new LinkedHashMap<>());
    List<Replica> before = ofVid.get(oid);
    if (!replicas.equals(before)) {
      ofVid.put(oid, replicas);
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
    Map<ObjectId, List<Replica>> taken = objects.remove(vid);
    return taken == null ? Map.of() : taken;
  }
}
