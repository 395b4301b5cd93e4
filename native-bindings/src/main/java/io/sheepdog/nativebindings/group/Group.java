package io.sheepdog.nativebindings.group;

import java.time.Duration;

/**
 * This process's part in one process group. Requests are carried out in the order of the calls;
 * each is tried again as long as corosync is busy.
 */
public interface Group {
  /** Asks to join; {@link GroupListener#membership} tells when that is done. Once. */
  void join();

  /**
   * Asks to multicast in agreed order.
   *
   * @param message not changed afterwards
   * @return false if too much waits already: corosync takes nothing for a long time
   */
  boolean multicast(byte[] message);

  /** Leaves after all that was asked before, and ends. The listener is called until then. */
  void leave();

  /** Ends without leaving, as when the process dies. */
  void abandon();

  /**
   * Waits until this process is out of the group and the connection is closed.
   *
   * @return false if it took longer
   */
  boolean awaitEnd(Duration limit) throws InterruptedException;
}
