package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Has a daemon compare the copies of objects, and repair them or not, some at a time. */
final class CopyChecks {
  /** An object that is being written to, or moved, is asked for again that often, and so long. */
  private static final int ATTEMPTS = 50;

  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final ObjectComparison NO_ANSWER =
      new ObjectComparison(Outcome.UNKNOWN, 0, List.of());

  private final Remote remote;
  private final boolean repairs;

  CopyChecks(Remote remote, boolean repairs) {
    this.remote = remote;
    this.repairs = repairs;
  }

  /**
   * Compares the copies of these objects.
   *
   * @param objects a few thousand at most
   * @return what was found, in their order; {@link Outcome#UNKNOWN} where that cannot be told for
   *     ten seconds
   */
  List<ObjectComparison> compare(List<ObjectId> objects) throws CommandFailure {
    Map<ObjectId, ObjectComparison> found = new HashMap<>();
    List<ObjectId> open = objects;
    for (int attempt = 0; attempt < ATTEMPTS && !open.isEmpty(); attempt++) {
      if (attempt > 0) {
        pause();
      }
      ask(open, found);
      open = open.stream().filter(oid -> of(oid, found).outcome() == Outcome.UNKNOWN).toList();
    }
    return objects.stream().map(oid -> of(oid, found)).toList();
  }

  private static ObjectComparison of(ObjectId oid, Map<ObjectId, ObjectComparison> found) {
    return found.getOrDefault(oid, NO_ANSWER);
  }

  private void ask(List<ObjectId> objects, Map<ObjectId, ObjectComparison> found)
      throws CommandFailure {
    Epoch epoch = ClusterView.status(remote).epoch();
    List<Request> requests = new ArrayList<>(objects.size());
    for (ObjectId oid : objects) {
      PeerBody body = PeerBody.of(oid, 0, repairs ? 1 : 0);
      requests.add(
          Request.of(Opcode.PEER_COMPARE, RequestFlags.NONE, ObjectComparison.MAX_BYTES, body)
              .withEpoch(epoch));
    }
    remote.fetchAll(
        requests,
        (number, reply) ->
            found.put(
                objects.get(number),
                reply.header().isSuccess()
                    ? ObjectComparison.decode(reply.payload())
                    // of another epoch, or not now
                    : NO_ANSWER));
  }

  private static void pause() throws CommandFailure {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "interrupted");
    }
  }
}
