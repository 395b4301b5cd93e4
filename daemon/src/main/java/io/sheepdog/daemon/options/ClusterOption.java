package io.sheepdog.daemon.options;

/**
 * Value of {@code -c}.
 *
 * @param driver which driver
 * @param argument what followed the colon, empty for nothing; {@code local}: name of the cluster on
 *     this host
 */
public record ClusterOption(ClusterDriverName driver, String argument) {
  /** What holds without {@code -c}. */
  static final ClusterOption DEFAULT = new ClusterOption(ClusterDriverName.COROSYNC, "");

  /** As on the command line. */
  @Override
  public String toString() {
    return argument.isEmpty() ? driver.text() : driver.text() + ":" + argument;
  }

  static ClusterOption parse(String text) throws OptionException {
    for (ClusterDriverName name : ClusterDriverName.values()) {
      if (text.equals(name.text())) {
        return new ClusterOption(name, "");
      }
      if (text.startsWith(name.text() + ":")) {
        return new ClusterOption(name, text.substring(name.text().length() + 1));
      }
    }
    throw new OptionException(
        "Invalid cluster driver '" + text + "'",
        "Supported cluster drivers: " + ClusterDriverName.list());
  }
}
