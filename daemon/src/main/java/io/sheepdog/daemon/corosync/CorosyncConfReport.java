package io.sheepdog.daemon.corosync;

import io.sheepdog.corosyncconf.check.CorosyncCheck;
import io.sheepdog.corosyncconf.check.Finding;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.UnreadableConfException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with corosync.conf, for somebody whose corosync does not run. */
public final class CorosyncConfReport {
  /** Where corosync reads its configuration. */
  public static final Path FILE = Path.of("/etc/corosync/corosync.conf");

  /** One screen; {@code collie corosync check} shows all. */
  private static final int MAX_FINDINGS = 10;

  private CorosyncConfReport() {}

  /**
   * Lines for the operator, at least one. Reads the file and may ask the resolver for names in it,
   * so it can take long.
   */
  public static List<String> of(Path file, LocalHost host) {
    if (Files.notExists(file)) {
      return List.of(
          file
              + " does not exist; \"collie corosync generate -n ADDRESS... -w "
              + file
              + "\" writes it");
    }
    try {
      return lines(file, CorosyncCheck.of(file, host));
    } catch (UnreadableConfException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> lines(Path file, List<Finding> findings) {
    if (findings.isEmpty()) {
      return List.of(file + ": no mistakes found");
    }
    List<String> lines = new ArrayList<>();
    for (Finding each : findings.subList(0, Math.min(findings.size(), MAX_FINDINGS))) {
      lines.add(
          file
              + ":"
              + each.line()
              + ": "
              + each.severity().word()
              + ": "
              + each.what()
              + "; why: "
              + each.why()
              + "; remedy: "
              + each.remedy());
    }
    if (findings.size() > MAX_FINDINGS) {
      int more = findings.size() - MAX_FINDINGS;
      lines.add(more + " more; \"collie corosync check\" shows all");
    }
    return lines;
  }
}
