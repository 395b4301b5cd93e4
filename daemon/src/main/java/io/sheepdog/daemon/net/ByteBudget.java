package io.sheepdog.daemon.net;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bound on bytes that several connections share; who does not get in waits in line. Confined to
 * the event loop.
 *
 * <p>Bytes may be out of the node's hands for long: a client announces a payload and does not send
 * it, or does not read its replies. So that none of them keeps others out, however many bytes it
 * asks for:
 *
 * <ul>
 *   <li>A connection may have at most twice as much as is then left for all others. Whoever has
 *       much is stopped first, and something is always left for those who have little.
 *   <li>A connection that has nothing gets {@link #OWN} bytes even when nothing is left.
 *   <li>Those who wait are let in client by client in turn, so that many connections of one do not
 *       put off the one connection of another.
 *   <li>Who fits overtakes who does not. Who has been overtaken for {@link #PATIENT_LOOKS} looks is
 *       let in beyond the limit, one at a time, so the sum stays below the limit and the largest
 *       request, {@link #OWN} bytes per connection aside.
 * </ul>
 */
public final class ByteBudget {
  /** What a connection that has nothing under way gets in any case, bytes. */
  public static final long OWN = 20 << 10;

  /** After how many looks a waiter is let in beyond the limit. */
  static final int PATIENT_LOOKS = 3;

  private final long limit;

  /**
   * The waiters of each client in the order in which they came, with the number of looks since; the
   * client whose turn is next first.
   */
  private final Map<Object, Map<Waiter, Integer>> waiting = new LinkedHashMap<>();

  private long used;
  private boolean paused;
  private boolean admitting;

  /** A bound of that many bytes. */
  public ByteBudget(long limit) {
    this.limit = limit;
  }

  /** A connection that waits for bytes; for one request at a time. */
  public interface Waiter {
    /** Whose connection it is: equal to that of all others of the same client. */
    Object client();

    /** Bytes wanted; does not change while it waits. */
    long wanted();

    /** Bytes that it has already. */
    long held();

    /** The bytes are taken. */
    void admitted();
  }

  /** Takes the bytes at once and answers true, or puts the waiter in line. */
  public boolean acquire(Waiter waiter) {
    if (fits(waiter)) {
      used += waiter.wanted();
      return true;
    }
    waiting.computeIfAbsent(waiter.client(), client -> new LinkedHashMap<>()).put(waiter, 0);
    return false;
  }

  /** Takes a waiter out of the line. */
  public void cancel(Waiter waiter) {
    leaveLine(waiter);
    admitWaiting();
  }

  /** Gives bytes back that were taken. */
  public void release(long bytes) {
    used -= bytes;
    admitWaiting();
  }

  /** Lets nobody in, however little is under way, until called with false. */
  public void pause(boolean newPaused) {
    paused = newPaused;
    admitWaiting();
  }

  /** Looks at the line, which the owner does at regular intervals; see the class. */
  public void look() {
    waiting.values().forEach(line -> line.replaceAll((waiter, looks) -> looks + 1));
    Waiter patient = paused || used > limit ? null : firstPatient();
    if (patient != null) {
      leaveLine(patient);
      admit(patient);
    }
  }

  private @Nullable Waiter firstPatient() {
    for (Map<Waiter, Integer> line : waiting.values()) {
      Map.Entry<Waiter, Integer> first = line.entrySet().iterator().next();
      if (first.getValue() >= PATIENT_LOOKS) {
        return first.getKey();
      }
    }
    return null;
  }

  /** The other waiters of that client are last in turn then. */
  private void leaveLine(Waiter waiter) {
    Object client = waiter.client();
    Map<Waiter, Integer> line = waiting.remove(client);
    if (line != null) {
      line.remove(waiter);
      if (!line.isEmpty()) {
        waiting.put(client, line);
      }
    }
  }

  /**
   * Whether the limit is passed, or somebody has been waiting since before the last look, and not
   * for the disk.
   */
  public boolean isShort() {
    return !paused
        && (used > limit
            || waiting.values().stream()
                .anyMatch(line -> line.values().stream().anyMatch(looks -> looks > 0)));
  }

  /** Bytes taken. */
  public long used() {
    return used;
  }

  private void admitWaiting() {
    if (admitting) {
      return;
    }
    admitting = true;
    try {
      for (Waiter next = firstThatFits(); next != null; next = firstThatFits()) {
        leaveLine(next);
        admit(next);
      }
    } finally {
      admitting = false;
    }
  }

  private void admit(Waiter waiter) {
    used += waiter.wanted();
    waiter.admitted();
  }

  private @Nullable Waiter firstThatFits() {
    if (!paused) {
      for (Map<Waiter, Integer> line : waiting.values()) {
        for (Waiter waiter : line.keySet()) {
          if (fits(waiter)) {
            return waiter;
          }
        }
      }
    }
    return null;
  }

  private boolean fits(Waiter waiter) {
    if (paused) {
      return false;
    }
    long wanted = waiter.wanted();
    long held = waiter.held();
    long left = limit - used - wanted;
    return used == 0 || (held == 0 && wanted <= OWN) || (left >= 0 && held + wanted <= 2 * left);
  }
}
