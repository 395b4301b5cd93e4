package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.CpgReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/** One process of a {@link FakeCorosync}. */
final class FakeProcess implements Group {
  private final FakeCorosync corosync;
  private final CpgProcess name;
  private final GroupListener listener;
  private final Deque<Request> requests = new ArrayDeque<>();
  private final Deque<Runnable> heard = new ArrayDeque<>();
  private boolean joined;
  private boolean ended;

  FakeProcess(FakeCorosync corosync, CpgProcess name, GroupListener listener) {
    this.corosync = corosync;
    this.name = name;
    this.listener = listener;
  }

  CpgProcess name() {
    return name;
  }

  GroupListener listener() {
    return listener;
  }

  boolean joined() {
    return joined;
  }

  void joined(boolean now) {
    joined = now;
  }

  /** Something that this process will hear of. */
  void hear(Runnable call) {
    heard.addLast(call);
  }

  boolean isBusy() {
    return !ended && (!requests.isEmpty() || !heard.isEmpty());
  }

  /** Makes a request or hears of something. */
  void step(Random random) {
    boolean request = !requests.isEmpty() && (heard.isEmpty() || random.nextBoolean());
    if (!request) {
      heard.removeFirst().run();
      return;
    }
    Request next = requests.removeFirst();
    if (next instanceof Request.Multicast multicast) {
      corosync.multicast(this, multicast.message());
    } else if (next instanceof Request.Join) {
      corosync.join(this);
    } else if (next instanceof Request.Leave leave) {
      corosync.leave(this, CpgReason.LEAVE);
      if (leave.last()) {
        end();
      }
    }
  }

  private void end() {
    ended = true;
    requests.clear();
    heard.clear();
    corosync.remove(this);
  }

  @Override
  public void join() {
    requests.addLast(new Request.Join());
  }

  @Override
  public boolean multicast(byte[] message) {
    requests.addLast(new Request.Multicast(message.clone()));
    return true;
  }

  @Override
  public void leave() {
    requests.addLast(new Request.Leave(true));
  }

  @Override
  public void abandon() {
    if (!ended) {
      corosync.leave(this, CpgReason.PROCDOWN);
      end();
    }
  }

  @Override
  public boolean awaitEnd(Duration limit) {
    return ended;
  }
}
