package io.sheepdog.nativebindings.corosync;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One machine of a {@link CorosyncNet} as far as network, processes and corosync's own directories
 * go; the other files are those of this machine.
 */
public final class CorosyncNode {
  private static final int O_RDONLY = 0;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int CLONE_NEWNET = 0x40000000;

  private final Namespace namespace;
  private final int number;
  private final String address;
  private final Path directory;
  private final Path log;
  private @Nullable Process corosync;

  CorosyncNode(Namespace namespace, int number, String address, Path directory) {
    this.namespace = namespace;
    this.number = number;
    this.address = address;
    this.directory = directory;
    this.log = directory.resolve("corosync-" + number + ".log");
  }

  /** Its number for corosync, from 1. */
  public int number() {
    return number;
  }

  /** Its address in the nodelist. */
  public String address() {
    return address;
  }

  /** The command line that runs the given one on this node. */
  public List<String> command(List<String> argv) {
    return namespace.command(argv);
  }

  /** Writes this node's /etc/corosync/corosync.conf, which corosync reads when it starts. */
  public void configure(String text) {
    put(text, "corosync.conf");
  }

  /** Writes a file of this node's /etc/corosync/uidgid.d, which corosync reads when it starts. */
  public void allow(String name, String text) {
    put(text, "uidgid.d/" + name);
  }

  private void put(String text, String name) {
    try {
      Path file = Files.createTempFile(directory, "put", null);
      Files.writeString(file, text);
      namespace.shell("cp '" + file + "' '/etc/corosync/" + name + "'");
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts corosync; {@link CorosyncNet#awaitRing} tells when it is part of the ring. */
  public void start() {
    try {
      List<String> argv = List.of("corosync", "-f");
      corosync =
          new ProcessBuilder(command(argv))
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start corosync (package corosync)", e);
    }
  }

  /** Starts corosync again if it has ended. */
  void revive() {
    Process started = corosync;
    if (started != null && !started.isAlive()) {
      start();
    }
  }

  /** Waits until corosync, just started, answers. */
  public void awaitAnswer() {
    Awaitility.await("corosync of node " + number)
        .atMost(Duration.ofSeconds(30))
        .until(() -> !ring().isEmpty());
  }

  /** Stops corosync as its service does; the others learn it at once. */
  public void stop() {
    signal("TERM");
    awaitCorosyncEnd();
  }

  /** Kills corosync; the others learn it when the token is lost. */
  public void kill() {
    signal("KILL");
    awaitCorosyncEnd();
  }

  /** Sends a signal to corosync. */
  public void signal(String name) {
    namespace.shell("kill -" + name + " $(cat /run/corosync.pid)");
  }

  private void awaitCorosyncEnd() {
    Process running = corosync;
    try {
      if (running != null && !running.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("corosync of node " + number + " does not end: " + logText());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Nodes that this one's corosync takes for members, in order; empty while it is not up. */
  public List<Integer> ring() {
    Commands.Result result = Commands.run(command(List.of("corosync-cmapctl", "runtime.members.")));
    List<Integer> nodes = new ArrayList<>();
    // runtime.members.2.status (str) = joined
    for (String line : result.output().split("\n", -1)) {
      if (result.code() == 0 && line.contains(".status ") && line.endsWith("= joined")) {
        nodes.add(Integer.parseInt(line.split("\\.", -1)[2]));
      }
    }
    Collections.sort(nodes);
    return nodes;
  }

  /** What its corosync has said. */
  public String logText() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts the calling thread, and those it will start, on this node's network and in front of its
   * directories. Do this only on a thread made for it: there is no way back.
   */
  public void enter() {
    CLibrary library = Native.load("libc.so.6", CLibrary.class);
    check("unshare", library.unshare(CLONE_FS));
    enter(library, "net", CLONE_NEWNET);
    enter(library, "mnt", CLONE_NEWNS);
  }

  /**
   * As {@link #enter}, and gives the calling thread, alone, a user and group without rights.
   * Threads of Linux have users of their own as long as the C library does not see to it.
   */
  public void enterAs(int user, int group) {
    enter();
    CLibrary library = Native.load("libc.so.6", CLibrary.class);
    boolean arm = "aarch64".equals(System.getProperty("os.arch"));
    long setresgid = arm ? 149 : 119;
    long setresuid = arm ? 147 : 117;
    check("setresgid", (int) library.syscall(setresgid, (long) group, (long) group, (long) group));
    check("setresuid", (int) library.syscall(setresuid, (long) user, (long) user, (long) user));
  }

  private void enter(CLibrary library, String kind, int type) {
    int descriptor = library.open("/proc/" + namespace.init() + "/ns/" + kind, O_RDONLY);
    check("open", descriptor);
    int result = library.setns(descriptor, type);
    int error = Native.getLastError();
    library.close(descriptor);
    if (result < 0) {
      throw new AssertionError("setns failed with errno " + error);
    }
  }

  private static void check(String call, int result) {
    if (result < 0) {
      throw new AssertionError(call + " failed with errno " + Native.getLastError());
    }
  }

  Namespace namespace() {
    return namespace;
  }

  /** sched.h, fcntl.h. Public for JNA. */
  public interface CLibrary extends Library {
    int unshare(int flags);

    int open(String path, int flags);

    int setns(int fd, int type);

    int close(int fd);

    long syscall(long number, Object... arguments);
  }
}
