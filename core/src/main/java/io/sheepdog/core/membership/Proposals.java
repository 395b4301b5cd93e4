package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.Envelope;
import io.sheepdog.core.cluster.EventCodec;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Events that this node sent and whose outcome somebody waits for. */
final class Proposals {
  private final ClusterDriver driver;
  private final NodeCallbacks callbacks;
  private final Map<Long, CompletableFuture<Applied>> waiting = new HashMap<>();
  private long lastRequestId;

  Proposals(ClusterDriver driver, NodeCallbacks callbacks) {
    this.driver = driver;
    this.callbacks = callbacks;
  }

  CompletionStage<Applied> send(ClusterEvent event) {
    long requestId = ++lastRequestId;
    byte[] message;
    try {
      message = EventCodec.encode(new Envelope(requestId, event));
    } catch (ProtocolException e) {
      callbacks.onWarning("An event was not sent: " + e.getMessage());
      return refused(ResultCode.INVALID_PARMS);
    }
    CompletableFuture<Applied> result = new CompletableFuture<>();
    waiting.put(requestId, result);
    driver.multicast(message);
    return result;
  }

  /** Sends an event whose outcome nobody waits for. */
  void tell(ClusterEvent event) {
    driver.multicast(EventCodec.encode(new Envelope(0, event)));
  }

  void applied(long requestId, Applied applied) {
    CompletableFuture<Applied> result = waiting.remove(requestId);
    if (result != null) {
      result.complete(applied);
    }
  }

  void endAll() {
    List<CompletableFuture<Applied>> open = new ArrayList<>(waiting.values());
    waiting.clear();
    open.forEach(result -> result.complete(refusal(ResultCode.CLUSTER_ERROR)));
  }

  static Applied refusal(ResultCode code) {
    return new Applied(0, new Outcome.Refused(code));
  }

  static CompletionStage<Applied> refused(ResultCode code) {
    return CompletableFuture.completedFuture(refusal(code));
  }
}
