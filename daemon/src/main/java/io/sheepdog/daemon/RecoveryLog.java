package io.sheepdog.daemon;

import io.sheepdog.core.recovery.RecoveryListener;
import io.sheepdog.core.recovery.RecoveryProgress;
import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.List;
import java.util.stream.Collectors;

/** Logs when recovery begins and ends. */
final class RecoveryLog implements RecoveryListener {
  @Override
  public void begins(Epoch epoch) {
    DaemonEvent.RECOVERY_BEGINS.log("epoch={}", epoch);
  }

  @Override
  public void awaits(Epoch epoch, List<NodeAddress> absent) {
    DaemonEvent.RECOVERY_WAITS.log(
        "epoch={} nodes={}",
        epoch,
        absent.stream().map(NodeAddress::toString).collect(Collectors.joining(",")));
  }

  @Override
  public void heldBack(Epoch epoch, StoreSpace space) {
    DaemonEvent.RECOVERY_HELD_BACK.log(
        "epoch={} used={}% free={} advice=\"{}\"",
        epoch,
        100 - 100 * space.free() / Math.max(1, space.fileSystem()),
        space.free(),
        "delete VDIs, add nodes or a larger disk: recovery goes on by itself");
  }

  @Override
  public void goesOn(Epoch epoch) {
    DaemonEvent.RECOVERY_GOES_ON.log("epoch={}", epoch);
  }

  @Override
  public void holdsEverything(RecoveryProgress progress) {
    DaemonEvent.RECOVERY_DONE_HERE.log(
        "epoch={} objects={} bytes={}", progress.epoch(), progress.total(), progress.bytes());
  }

  @Override
  public void complete(RecoveryProgress progress) {
    DaemonEvent.RECOVERY_COMPLETE.log("epoch={}", progress.epoch());
  }
}
