package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.volume.Reclamation;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/**
 * Object I/O of clients and of volume operations: distributes to the replicas and answers when the
 * promise is kept.
 */
public final class ObjectGateway {
  /**
   * Creates the gateway of a node.
   *
   * @param inFlight the same as the replica service's, which answers PEER_DRAIN from it
   * @param reclamation told of index entries that stopped naming an object; not called before the
   *     first client request
   */
  public ObjectGateway(
      ClusterAgent agent,
      ReplicaService local,
      Transport transport,
      Scheduler scheduler,
      WritesInFlight inFlight,
      WriteGrants grants,
      Reclamation reclamation,
      WritePolicy policy) {
    throw new UnsupportedOperationException();
  }

  /**
   * Serves READ_OBJ, WRITE_OBJ, CREATE_AND_WRITE_OBJ, REMOVE_OBJ, DISCARD_OBJ and FLUSH_VDI of a
   * client.
   */
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    throw new UnsupportedOperationException();
  }

  /** Reads for a volume operation: no lock, no freeze. */
  public CompletionStage<ReadResult> read(ObjectId oid, long offset, int length) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes for a volume operation, durably on all replicas: no lock, no freeze, no rules about
   * inodes.
   */
  public CompletionStage<ResultCode> write(ObjectId oid, long offset, ByteBuf data) {
    throw new UnsupportedOperationException();
  }

  /** Creates or replaces an object for a volume operation, durably on all replicas. */
  public CompletionStage<ResultCode> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    throw new UnsupportedOperationException();
  }

  /** Removes an object from all replicas; NO_OBJ when none had it. */
  public CompletionStage<ResultCode> remove(ObjectId oid) {
    throw new UnsupportedOperationException();
  }

  /** Completes once no client write of this vid is in flight at this gateway. */
  public CompletionStage<Void> drained(VdiId vid) {
    throw new UnsupportedOperationException();
  }
}
