package io.sheepdog.daemon.options;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The membership drivers that {@code -c} knows. */
public enum ClusterDriverName {
  /** corosync's process groups. */
  COROSYNC("corosync"),
  /** Several daemons on one host. */
  LOCAL("local");

  private final String text;

  ClusterDriverName(String text) {
    this.text = text;
  }

  /** As on the command line. */
  public String text() {
    return text;
  }

  static String list() {
    return Arrays.stream(values()).map(ClusterDriverName::text).collect(Collectors.joining(" "));
  }
}
