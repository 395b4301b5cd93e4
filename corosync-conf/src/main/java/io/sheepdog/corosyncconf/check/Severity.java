package io.sheepdog.corosyncconf.check;

import java.util.Locale;

/** How bad a finding is. */
public enum Severity {
  /** corosync does not start, or does something else than the file says. */
  ERROR,
  /** It works, but not as it should with sheepdog, or a line has no effect. */
  WARNING;

  /** The word for people and programs: {@code error} or {@code warning}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
