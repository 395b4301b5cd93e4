package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.Epoch;
import java.util.List;

/**
 * A place in the cluster's history at which an operator had it go on without nodes that it waited
 * for ({@code cluster recover force}). If somebody does that on two sides there are two histories
 * with the same epoch numbers; by the id they are told apart, and a store of one is not taken for a
 * store of the other.
 *
 * @param epoch the first epoch without them
 * @param id random, never 0
 */
public record ForcedStart(Epoch epoch, long id) {
  /** So many are remembered; of older ones nobody has a store any more that could come back. */
  public static final int MOST = 256;

  /**
   * Whether two stores may have the same history, as far as both have come.
   *
   * @param mine forced starts that one knows, ascending
   * @param myNewest its newest epoch
   * @param theirs forced starts that the other knows, ascending
   * @param theirNewest its newest epoch
   */
  public static boolean isSameHistory(
      List<ForcedStart> mine, Epoch myNewest, List<ForcedStart> theirs, Epoch theirNewest) {
    Epoch common = myNewest.isNewerThan(theirNewest) ? theirNewest : myNewest;
    Epoch forgotten = newer(forgotten(mine), forgotten(theirs));
    return within(mine, forgotten, common).equals(within(theirs, forgotten, common));
  }

  private static Epoch newer(Epoch a, Epoch b) {
    return a.isNewerThan(b) ? a : b;
  }

  /** Up to there some may have been forgotten. */
  private static Epoch forgotten(List<ForcedStart> starts) {
    return starts.size() < MOST ? Epoch.ZERO : starts.get(0).epoch();
  }

  private static List<ForcedStart> within(List<ForcedStart> starts, Epoch after, Epoch upTo) {
    return starts.stream()
        .filter(start -> start.epoch().isNewerThan(after) && !start.epoch().isNewerThan(upTo))
        .toList();
  }
}
