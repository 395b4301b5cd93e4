package io.sheepdog.nativebindings;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Threads for corosync's libraries: some of their functions (cpg_dispatch,
 * corosync_cfg_get_node_addrs) have a whole IPC message of 1 MiB on the stack. On a usual Java
 * thread that ends the JVM with a segmentation fault and no word why.
 */
public final class LargeStack {
  /** Reserved, not used: memory is taken as the stack grows. */
  private static final long BYTES = 16 << 20;

  private LargeStack() {}

  /** A daemon thread that may call them. */
  public static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, BYTES);
    thread.setDaemon(true);
    return thread;
  }

  /** A call of corosync's libraries. */
  public interface Call<T> {
    T run() throws CorosyncException;
  }

  /** Makes a call on a thread of its own and waits for its end. */
  public static <T> T call(String name, Call<T> call) throws CorosyncException {
    FutureTask<T> task = new FutureTask<>(call::run);
    thread(name, task).start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CorosyncException exception) {
        throw exception;
      }
      if (e.getCause() instanceof RuntimeException exception) {
        throw exception;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CorosyncException(name, CsError.CS_ERR_INTERRUPT);
    }
  }
}
