package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A corosync that is busy as long as the test likes. Notes each request that it takes. */
final class FakeConnection implements CpgConnection {
  final List<String> taken = new CopyOnWriteArrayList<>();
  final AtomicInteger refusals = new AtomicInteger();
  final AtomicInteger flowControlled = new AtomicInteger();
  final AtomicInteger attempts = new AtomicInteger();
  volatile CsError refusal = CsError.CS_ERR_TRY_AGAIN;

  private void take(String call, String request) throws CorosyncException {
    attempts.incrementAndGet();
    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new CorosyncException(call, refusal);
    }
    taken.add(request);
  }

  @Override
  public int localNodeId() {
    return 1;
  }

  @Override
  public void join(String group) throws CorosyncException {
    take("cpg_join", "join " + group);
  }

  @Override
  public void leave(String group) throws CorosyncException {
    take("cpg_leave", "leave " + group);
  }

  @Override
  public void multicast(byte[] message) throws CorosyncException {
    take("cpg_mcast_joined", new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public boolean flowControlled() {
    return flowControlled.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  @Override
  public List<CpgProcess> members(String group) {
    return List.of();
  }

  @Override
  public int fileDescriptor() {
    return -1;
  }

  @Override
  public void dispatch() {}

  @Override
  public void close() {}
}
