package io.sheepdog.daemon.store;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a store may show after a crash, given what it was asked and what it had answered. */
final class StoreOracle {
  private final StoreHistory history;
  private final Map<ObjectId, ObjectOracle> objects;
  private final List<Optional<ClusterConfig>> configs = new ArrayList<>();
  private final List<Optional<EpochRecord>> firstEpochs = new ArrayList<>();
  private final List<Optional<EpochRecord>> savedEpochs = new ArrayList<>();
  private final List<RecoveryMark> recoveries = new ArrayList<>(List.of(RecoveryMark.NONE));

  /** Whether what is known of recovery cannot be that of epochs that are gone. */
  private boolean recoveryCleared;

  /**
   * Follows the history.
   *
   * @param formatted whether there is a cluster, its first epoch and object A to begin with
   * @param cacheSurvives the process ended, not the power
   */
  StoreOracle(StoreHistory history, boolean formatted, boolean cacheSurvives) {
    this.history = history;
    objects =
        Map.of(
            StoreAction.A,
            new ObjectOracle(StoreAction.A, formatted, history, cacheSurvives),
            StoreAction.B,
            new ObjectOracle(StoreAction.B, formatted, history, cacheSurvives));
    int mark = StoreAction.BASE_MARK;
    configs.add(formatted ? Optional.of(StoreAction.config(mark)) : Optional.empty());
    firstEpochs.add(
        formatted ? Optional.of(StoreAction.epochRecord(new Epoch(1), mark)) : Optional.empty());
    savedEpochs.add(Optional.empty());
    for (int number = 0; number < history.submitted(); number++) {
      follow(number, StoreAction.mark(number));
    }
  }

  private void follow(int number, int mark) {
    switch (history.action(number).kind()) {
      case SAVE_EPOCH ->
          next(
              number,
              savedEpochs,
              Optional.of(StoreAction.epochRecord(StoreAction.SAVED_EPOCH, mark)));
      case SAVE_CONFIG -> next(number, configs, Optional.of(StoreAction.config(mark)));
      case SAVE_RECOVERY -> {
        next(number, recoveries, StoreAction.recovery(mark));
        recoveryCleared = false;
      }
      case CLEAR_EPOCHS -> {
        recoveryCleared = firstEpochs.get(0).isPresent() || savedEpochs.get(0).isPresent();
        next(number, firstEpochs, Optional.empty());
        next(number, savedEpochs, Optional.empty());
        next(number, recoveries, RecoveryMark.NONE);
      }
      default -> {}
    }
  }

  private <T> void next(int number, List<T> states, T state) {
    if (history.confirmed(number)) {
      states.clear();
    }
    states.add(state);
  }

  /** What is wrong, null if nothing is. */
  @Nullable String objection(StoreView view, DiskImage image) {
    if (view.refusal() != null) {
      return objectionToRefusal(view.refusal(), image);
    }
    for (Map.Entry<ObjectId, ObjectOracle> entry : objects.entrySet()) {
      String objection = entry.getValue().objection(view);
      if (objection != null) {
        return entry.getKey() + ": " + objection;
      }
    }
    if (!Set.of(StoreAction.A, StoreAction.B).containsAll(view.objects().keySet())) {
      return "objects nobody made: " + view.objects().keySet();
    }
    if (!view.objects().keySet().containsAll(view.dirty())) {
      return "dirty marks of objects that are not there: " + view.dirty();
    }
    String objection = objectionToMeta(view);
    return objection != null ? objection : objectionToFiles(view);
  }

  /** A store that belongs to a cluster, holds objects and has no epoch is damaged. */
  private @Nullable String objectionToRefusal(StoreOpenException.Reason reason, DiskImage image) {
    boolean epochs =
        image.files().keySet().stream().anyMatch(path -> path.matches("store/epoch/[0-9]+"));
    boolean mayHaveNone =
        firstEpochs.contains(Optional.empty()) && savedEpochs.contains(Optional.empty());
    boolean expected = mayHaveNone && !epochs && reason == StoreOpenException.Reason.DAMAGED;
    return expected ? null : "the store does not open: " + reason;
  }

  private @Nullable String objectionToMeta(StoreView view) {
    Long storeId = history.storeId();
    if (storeId != null && storeId != view.storeId()) {
      return "the store has another identity";
    }
    if (!configs.contains(Optional.ofNullable(view.config()))) {
      return "config is " + view.config() + ", not one of " + configs;
    }
    Optional<EpochRecord> first = epoch(view, new Epoch(1));
    Optional<EpochRecord> saved = epoch(view, StoreAction.SAVED_EPOCH);
    if (!firstEpochs.contains(first) || !savedEpochs.contains(saved)) {
      return "epoch logs are "
          + view.epochs()
          + "; expected "
          + firstEpochs
          + " and "
          + savedEpochs;
    }
    if (!recoveries.contains(view.recovery())) {
      return "recovery is " + view.recovery() + ", not one of " + recoveries;
    }
    if (recoveryCleared && view.epochs().isEmpty() && !view.recovery().equals(RecoveryMark.NONE)) {
      return view.recovery() + " is of epochs that are gone";
    }
    return null;
  }

  private static Optional<EpochRecord> epoch(StoreView view, Epoch epoch) {
    return view.epochs().stream().filter(record -> record.epoch().equals(epoch)).findAny();
  }

  /** Nothing takes room that nobody will ever ask for or remove. */
  private static @Nullable String objectionToFiles(StoreView view) {
    SortedSet<String> expected = new TreeSet<>(Set.of("config", "dirty", "lock", "ballast"));
    view.objects().keySet().forEach(oid -> expected.add("obj/" + oid));
    view.aside().keySet().forEach(name -> expected.add("obj/.stale/" + name));
    view.epochs()
        .forEach(record -> expected.add(String.format("epoch/%08d", record.epoch().value())));
    return expected.equals(view.files()) ? null : "files are " + view.files();
  }
}
