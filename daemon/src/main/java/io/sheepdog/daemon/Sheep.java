package io.sheepdog.daemon;

import io.sheepdog.client.BuildVersion;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.options.HelpText;
import io.sheepdog.daemon.options.OptionException;
import io.sheepdog.daemon.options.SheepOptions;
import io.sheepdog.daemon.options.SheepOptions.Command;
import io.sheepdog.daemon.process.Launcher;
import io.sheepdog.daemon.process.ProcessName;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Entry point of the daemon {@code sheep}. Exit code 0: help, version, clean end; 1: everything
 * else.
 */
public final class Sheep {
  private static final int FAILURE = 1;

  private Sheep() {}

  /** Runs the daemon until it is stopped, or does what little the command line asks for. */
  public static void main(String[] args) {
    ProcessName.set("sheep");
    Launcher launcher = Launcher.find();
    int code = run(List.of(args), launcher);
    launcher.exit(code);
    // Not all threads of a daemon that failed are known to end by themselves.
    System.exit(code);
  }

  private static int run(List<String> arguments, Launcher launcher) {
    Command command;
    try {
      command = SheepOptions.parse(arguments);
    } catch (OptionException e) {
      launcher.err("sheep: " + e.getMessage());
      String explanation = e.explanation();
      if (explanation != null) {
        launcher.out(explanation);
      }
      launcher.err(HelpText.HINT);
      return FAILURE;
    }
    if (command instanceof Command.Run run) {
      return run(run.options(), launcher);
    }
    launcher.out(
        command instanceof Command.Help ? HelpText.help() : HelpText.version(BuildVersion.get()));
    return 0;
  }

  /**
   * Runs one node after another: a node that lost its membership ends, and a new incarnation of it
   * starts on the same store.
   */
  private static int run(SheepOptions options, Launcher launcher) {
    CompletableFuture<Void> signalled = new CompletableFuture<>();
    Absence absence = new Absence();
    boolean again = false;
    while (true) {
      try (Daemon daemon =
          new Daemon(options, ServiceNotice.of(System.getenv()), signalled, absence, again)) {
        if (again) {
          DaemonEvent.JOINING_AGAIN.log("joining the cluster again as a new incarnation");
        }
        daemon.start(launcher);
        StopRequest request = daemon.awaitStop();
        if (!request.again()) {
          return request.code();
        }
        absence.lost(request.reason());
      } catch (StartException e) {
        if (again && (signalled.isDone() || e.wasAsked())) {
          return 0;
        }
        DaemonEvent.START_FAILED.log("reason=\"{}\"", e.getMessage());
        if (!e.again()) {
          launcher.err("sheep: " + e.getMessage());
          e.details().forEach(launcher::err);
          return FAILURE;
        }
        absence.lost(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return FAILURE;
      }
      again = true;
    }
  }
}
