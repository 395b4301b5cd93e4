package io.sheepdog.cli.node;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code node recovery [info]}, {@code set-throttle MAX INTERVAL}, {@code get-throttle}:
 * spec/cli-dog-1.0.md section 3.3.
 */
public final class NodeRecoveryCommand extends ToolCommand {
  private static final int REFUSED = 255;
  private static final int SET_WORDS = 3;

  @Option(
      names = {"-P", "--progress"},
      description = "follow the contacted node until it has recovered")
  private boolean progress;

  @Parameters(arity = "0..3", paramLabel = "WORD")
  private List<String> words = new ArrayList<>();

  private String word() {
    return words.isEmpty() ? "info" : words.get(0);
  }

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    boolean complete =
        switch (word()) {
          case "info" -> words.size() < 2;
          case "set-throttle" -> words.size() == SET_WORDS && !progress;
          case "get-throttle" -> words.size() == 1 && !progress;
          default -> false;
        };
    if (!complete) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid arguments '"
              + String.join(" ", words)
              + "': info, set-throttle MAX INTERVAL or get-throttle is expected");
    }
    if (word().equals("set-throttle")) {
      wanted(invocation.profile());
    }
  }

  private RecoveryThrottle wanted(Profile profile) throws CommandFailure {
    return Throttle.parse(words.get(1), words.get(2), profile);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    switch (word()) {
      case "set-throttle" -> Throttle.set(remote, wanted(invocation.profile()));
      case "get-throttle" -> Throttle.print(remote, invocation.console().out(), common().json());
      default -> {
        return info(invocation, remote);
      }
    }
    return 0;
  }

  private int info(Invocation invocation, Remote remote) throws CommandFailure {
    if (progress) {
      new RecoveryProgressBar(invocation.console(), invocation.profile()).follow(remote);
      return 0;
    }
    RecoverySurvey survey = RecoverySurvey.of(remote);
    survey.print(invocation.console(), common().raw(), common().json());
    return invocation.profile() == Profile.COLLIE && survey.isIncomplete() ? 1 : 0;
  }

  /** Version 1.0 ends with 255 when a node refuses a throttle. */
  @Override
  protected int exitCode(Profile profile, CommandFailure failure) {
    boolean refused = profile == Profile.DOG && failure.exitCode() == 1;
    return refused && word().endsWith("-throttle") ? REFUSED : failure.exitCode();
  }
}
