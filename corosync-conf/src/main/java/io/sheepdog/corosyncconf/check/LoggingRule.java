package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.keys.KnownKeys;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.List;

/** Logging: corosync.conf(5). */
final class LoggingRule implements Rule {
  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    ConfEntry toFile = text.entry("logging", "to_logfile");
    boolean wanted = toFile != null && List.of("yes", "on").contains(toFile.value());
    if (toFile != null && wanted && text.entry("logging", "logfile") == null) {
      findings.warning(
          toFile.line(),
          "logfile-missing",
          "to_logfile is on, but there is no logfile",
          "corosync writes no file then",
          "write 'logfile: /var/log/corosync/corosync.log' beside it");
    }
    for (ConfSection logger : text.sections("logging.logger_subsys")) {
      subsystem(logger, findings);
    }
  }

  private static void subsystem(ConfSection logger, Findings findings) {
    ConfEntry name = logger.entry("subsys");
    if (name == null) {
      findings.error(
          logger.first(),
          "subsys-missing",
          "the section logger_subsys does not say of which subsystem",
          "corosync refuses the file: No subsys key in logger_subsys directive",
          "write 'subsys: NAME' into it, or remove it");
    } else if (KnownKeys.isSubsystemOfVersion1(name.value())) {
      findings.warning(
          logger.first(),
          "obsolete-section",
          "there is no subsystem '" + name.value() + "' any more",
          "it went with the services of version 1",
          "remove the section");
    }
  }
}
