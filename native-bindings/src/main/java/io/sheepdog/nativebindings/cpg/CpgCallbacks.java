package io.sheepdog.nativebindings.cpg;

import com.sun.jna.Pointer;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgAddress;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgConfchgFn;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgDeliverFn;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgModelV1Data;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgTotemConfchgFn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What libcpg calls. Keeps the callbacks reachable as long as the connection is: the C side does
 * not. An exception cannot pass through C, so it waits here until the dispatching call is back.
 */
final class CpgCallbacks {
  private final CpgListener listener;
  private final CpgDeliverFn deliver;
  private final CpgConfchgFn confchg;
  private final CpgTotemConfchgFn totemConfchg;
  private @Nullable RuntimeException thrown;

  CpgCallbacks(CpgListener listener) {
    this.listener = listener;
    this.deliver =
        (handle, group, nodeId, processId, message, length) ->
            guarded(() -> delivered(new CpgProcess(nodeId, processId), message, length.intValue()));
    this.confchg =
        (handle, group, members, memberCount, left, leftCount, joined, joinedCount) ->
            guarded(
                () ->
                    this.listener.membership(
                        processes(members, memberCount.intValue()),
                        changes(left, leftCount.intValue()),
                        changes(joined, joinedCount.intValue())));
    this.totemConfchg =
        (handle, ringId, count, nodes) ->
            guarded(
                () ->
                    this.listener.ring(new RingId(ringId.nodeid, ringId.seq), ints(nodes, count)));
  }

  /** The structure that names the callbacks to libcpg. */
  CpgModelV1Data modelData() {
    CpgModelV1Data data = new CpgModelV1Data();
    data.model = CpgLibrary.CPG_MODEL_V1;
    data.cpg_deliver_fn = deliver;
    data.cpg_confchg_fn = confchg;
    data.cpg_totem_confchg_fn = totemConfchg;
    data.flags = CpgLibrary.CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
    return data;
  }

  /** Throws what the listener has thrown, if it has. */
  void rethrow() {
    RuntimeException waiting = thrown;
    thrown = null;
    if (waiting != null) {
      throw waiting;
    }
  }

  private void guarded(Runnable call) {
    if (thrown == null) {
      try {
        call.run();
      } catch (RuntimeException e) {
        thrown = e;
      } catch (Error e) {
        // JNA would print it and go on: a delivery that only this node lost.
        thrown = new IllegalStateException("a callback of libcpg failed", e);
      }
    }
  }

  private void delivered(CpgProcess sender, Pointer message, int length) {
    listener.delivered(sender, message.getByteArray(0, length));
  }

  static List<CpgProcess> processes(@Nullable Pointer first, int count) {
    List<CpgProcess> processes = new ArrayList<>();
    for (CpgAddress address : addresses(first, count)) {
      processes.add(new CpgProcess(address.nodeid, address.pid));
    }
    return processes;
  }

  private static List<CpgChange> changes(@Nullable Pointer first, int count) {
    List<CpgChange> changes = new ArrayList<>();
    for (CpgAddress address : addresses(first, count)) {
      changes.add(
          new CpgChange(new CpgProcess(address.nodeid, address.pid), CpgReason.of(address.reason)));
    }
    return changes;
  }

  private static CpgAddress[] addresses(@Nullable Pointer first, int count) {
    if (first == null || count <= 0) {
      return new CpgAddress[0];
    }
    CpgAddress head = new CpgAddress(first);
    head.read();
    return (CpgAddress[]) head.toArray(count);
  }

  private static List<Integer> ints(@Nullable Pointer first, int count) {
    List<Integer> values = new ArrayList<>();
    if (first != null && count > 0) {
      for (int value : first.getIntArray(0, count)) {
        values.add(value);
      }
    }
    return values;
  }
}
