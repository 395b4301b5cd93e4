package io.sheepdog.daemon.nbd;

import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.daemon.net.ByteBudget;
import org.jspecify.annotations.Nullable;

/** Bytes of the budget for the opening of an export, which reads the index of a VDI. */
final class OpeningTurn implements ByteBudget.Waiter {
  private static final long COST = BlockVolumes.OPENING_BYTES + Transmission.FIXED_COST;

  private final ByteBudget budget;
  private final BlockClient client;
  private @Nullable Runnable waiting;

  OpeningTurn(ByteBudget budget, BlockClient client) {
    this.budget = budget;
    this.client = client;
  }

  /** Does it when the bytes are there; {@link #end} follows. */
  void begin(Runnable opening) {
    waiting = opening;
    if (budget.acquire(this)) {
      admitted();
    }
  }

  /** The export is open, or will not be. */
  void end() {
    budget.release(COST);
  }

  /** Nobody needs it any more, if it has not begun. */
  void cancel() {
    if (waiting != null) {
      waiting = null;
      budget.cancel(this);
    }
  }

  @Override
  public Object client() {
    return client;
  }

  @Override
  public long wanted() {
    return COST;
  }

  @Override
  public long held() {
    return 0;
  }

  @Override
  public void admitted() {
    Runnable opening = waiting;
    waiting = null;
    if (opening != null) {
      opening.run();
    }
  }
}
