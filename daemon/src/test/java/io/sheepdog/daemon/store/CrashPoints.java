package io.sheepdog.daemon.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Crashes a store after each call to its disk, opens a new one on whatever may be left, and
 * compares what it shows with what had been answered. What two crashes leave alike is opened once.
 * Thread-safe.
 */
final class CrashPoints {
  private final Path base;
  private final boolean formatted;
  private final Map<DiskImage, StoreView> views = new ConcurrentHashMap<>();
  private final AtomicInteger directories = new AtomicInteger();
  private final ThreadLocal<Path> directory = ThreadLocal.withInitial(this::newDirectory);
  private final AtomicLong crashes = new AtomicLong();

  /**
   * Works below {@code base}.
   *
   * @param formatted see {@link StoreOracle}
   */
  CrashPoints(Path base, boolean formatted) {
    this.base = base;
    this.formatted = formatted;
  }

  private Path newDirectory() {
    try {
      return Files.createDirectories(base.resolve("opened" + directories.incrementAndGet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many crashes were looked at: a moment and what it left. */
  long crashes() {
    return crashes.get();
  }

  /** How many stores were opened. */
  int images() {
    return views.size();
  }

  /**
   * Crashes a run.
   *
   * @param image the disk when it began
   * @param from the crashes before this event have been looked at already
   */
  void check(DiskImage image, List<StoreAction> actions, List<DiskEvent> events, int from) {
    DiskModel model = new DiskModel(image);
    StoreHistory history = new StoreHistory(actions);
    for (int i = 0; i < events.size(); i++) {
      DiskEvent event = events.get(i);
      if (!model.apply(event)) {
        history.apply(event);
      }
      if (i >= from) {
        String objection = objection(model, history);
        if (objection != null) {
          throw new AssertionError(report(actions, events.subList(0, i + 1), history, objection));
        }
      }
    }
  }

  private @Nullable String objection(DiskModel model, StoreHistory history) {
    DiskImage cached = model.cached();
    String objection = objection(cached, new StoreOracle(history, formatted, true));
    if (objection != null) {
      return "after the end of the process " + objection + "\n  disk: " + cached;
    }
    StoreOracle oracle = new StoreOracle(history, formatted, false);
    for (DiskImage survivor : model.survivors()) {
      objection = objection(survivor, oracle);
      if (objection != null) {
        return "after a loss of power " + objection + "\n  disk: " + survivor;
      }
    }
    return null;
  }

  private @Nullable String objection(DiskImage image, StoreOracle oracle) {
    crashes.incrementAndGet();
    StoreView view = views.computeIfAbsent(image, this::open);
    String objection = oracle.objection(view, image);
    return objection == null ? null : objection + "\n  store: " + view;
  }

  private StoreView open(DiskImage image) {
    try {
      return StoreView.of(image, directory.get());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String report(
      List<StoreAction> actions, List<DiskEvent> events, StoreHistory history, String objection) {
    StringBuilder text = new StringBuilder("Of the actions " + actions + ": " + objection);
    text.append("\n  answers: ").append(history);
    events.forEach(event -> text.append("\n  ").append(event));
    return text.toString();
  }
}
