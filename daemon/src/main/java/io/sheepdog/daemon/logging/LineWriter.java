package io.sheepdog.daemon.logging;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines on a thread of its own. Callers never wait: when the queue is full, lines are
 * counted and dropped, and the count is logged as soon as there is room.
 */
final class LineWriter {
  private static final int QUEUE = 8192;
  private static final int BATCH = 256 << 10;

  /** What the thread is asked to do besides writing a line; compared by identity. */
  private static final String ROTATE = new String("rotate");

  private static final String STOP = new String("stop");

  private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final LineFormatOfDrops drops;
  private @Nullable Thread thread;

  /** How the writer says that lines were dropped. */
  interface LineFormatOfDrops {
    String line(long count);
  }

  LineWriter(LineFormatOfDrops drops) {
    this.drops = drops;
  }

  /** Starts writing; lines added before are kept in the queue. */
  synchronized void start(LineSink sink) {
    Thread started = new Thread(() -> run(sink), "log");
    started.setDaemon(true);
    started.start();
    thread = started;
  }

  void add(String line) {
    if (!queue.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  void rotate() {
    add(ROTATE);
  }

  /** Writes what is queued and ends; gives up after that time. */
  void stop(long timeout, TimeUnit unit) throws InterruptedException {
    Thread running = running();
    if (running != null && queue.offer(STOP, timeout, unit)) {
      running.join(unit.toMillis(timeout));
    }
  }

  private synchronized @Nullable Thread running() {
    return thread;
  }

  private void run(LineSink sink) {
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    try {
      boolean running = true;
      while (running) {
        for (String next = queue.take();
            next != null && running;
            next = running ? queue.poll() : null) {
          if (next == ROTATE) {
            flush(batch, sink);
            rotate(sink);
          } else if (next == STOP) {
            running = false;
          } else {
            append(next, batch);
            if (batch.size() > BATCH) {
              break;
            }
          }
        }
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
          append(drops.line(lost), batch);
        }
        flush(batch, sink);
      }
      sink.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      dropped.incrementAndGet();
    }
  }

  private static void append(String line, ByteArrayOutputStream batch) {
    batch.writeBytes(line.getBytes(StandardCharsets.UTF_8));
    batch.write('\n');
  }

  /**
   * A log that cannot be written (disk full) must not end the daemon: the lines count as dropped.
   */
  private void flush(ByteArrayOutputStream batch, LineSink sink) {
    try {
      if (batch.size() > 0) {
        sink.write(batch.toByteArray());
      }
    } catch (IOException e) {
      dropped.incrementAndGet();
    }
    batch.reset();
  }

  private void rotate(LineSink sink) {
    try {
      sink.rotate();
    } catch (IOException e) {
      dropped.incrementAndGet();
    }
  }
}
