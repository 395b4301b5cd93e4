package io.sheepdog.client;

/** Counts what is under way; safe on any thread. */
final class InFlightBudget {
  private final int maxRequests;
  private final long maxBytes;
  private int requests;
  private long bytes;

  InFlightBudget(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /** Takes one request of that many bytes if there is room. The only request may be of any size. */
  synchronized boolean tryAcquire(long requestBytes) {
    if (requests > 0 && (requests >= maxRequests || bytes + requestBytes > maxBytes)) {
      return false;
    }
    requests++;
    bytes += requestBytes;
    return true;
  }

  /** Takes one request of that many bytes, room or not. */
  synchronized void acquire(long requestBytes) {
    requests++;
    bytes += requestBytes;
  }

  synchronized void release(long requestBytes) {
    requests--;
    bytes -= requestBytes;
  }

  synchronized int requests() {
    return requests;
  }

  synchronized long bytes() {
    return bytes;
  }
}
