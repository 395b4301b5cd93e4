package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a store was asked to do and what it answered, up to some moment. */
final class StoreHistory {
  private final List<StoreAction> actions;
  private final List<@Nullable StoreStatus> answers = new ArrayList<>();

  /** For each submitted action those that had been answered when it was submitted. */
  private final List<Set<Integer>> answeredBefore = new ArrayList<>();

  private @Nullable Long storeId;

  StoreHistory(List<StoreAction> actions) {
    this.actions = List.copyOf(actions);
  }

  void apply(DiskEvent event) {
    if (event instanceof DiskEvent.Opened opened) {
      storeId = opened.storeId();
    } else if (event instanceof DiskEvent.Submitted) {
      answeredBefore.add(answered());
      answers.add(null);
    } else if (event instanceof DiskEvent.Answered answered) {
      answers.set(answered.number(), answered.status());
    }
  }

  private Set<Integer> answered() {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) != null) {
        numbers.add(i);
      }
    }
    return numbers;
  }

  int submitted() {
    return answers.size();
  }

  StoreAction action(int number) {
    return actions.get(number);
  }

  boolean confirmed(int number) {
    return answers.get(number) == StoreStatus.OK;
  }

  /** Whether it may have changed something: it was carried out, or still may be. */
  boolean possible(int number) {
    return answers.get(number) == null || confirmed(number);
  }

  /** Whether {@code number} was answered before {@code other} was submitted. */
  boolean before(int number, int other) {
    return answeredBefore.get(other).contains(number);
  }

  @Nullable Long storeId() {
    return storeId;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < answers.size(); i++) {
      text.append(i == 0 ? "" : ", ").append(actions.get(i)).append(" -> ");
      text.append(answers.get(i) == null ? "no answer yet" : answers.get(i));
    }
    return text.toString();
  }
}
