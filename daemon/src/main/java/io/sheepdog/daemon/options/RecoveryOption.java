package io.sheepdog.daemon.options;

/**
 * Value of {@code -R}: how many objects recovery may bring here per interval. Holds only if both
 * numbers are above zero.
 *
 * @param max objects, u32
 * @param intervalMillis milliseconds, not negative
 */
public record RecoveryOption(int max, long intervalMillis) {
  /** No bound. */
  static final RecoveryOption UNLIMITED = new RecoveryOption(0, 0);

  private static final long LARGEST_MAX = 0xffffffffL;

  /** Reads {@code max=N,interval=MS}. */
  static RecoveryOption parse(String text) throws OptionException {
    RecoveryOption result = UNLIMITED;
    for (String item : text.split(",", -1)) {
      int equals = item.indexOf('=');
      String key = equals < 0 ? item : item.substring(0, equals);
      String value = item.substring(equals + 1);
      result =
          switch (key) {
            case "max" ->
                new RecoveryOption(
                    (int) number("max", value, LARGEST_MAX), result.intervalMillis());
            case "interval" ->
                new RecoveryOption(result.max(), number("interval", value, Long.MAX_VALUE));
            default ->
                throw new OptionException("invalid option " + item, "expected: max=N,interval=MS");
          };
    }
    return result;
  }

  private static long number(String key, String text, long largest) throws OptionException {
    long number = OptionValues.number(text, largest);
    if (number < 0) {
      throw new OptionException(
          "Invalid " + key + " (" + text + "): must be an integer between 0 and " + largest);
    }
    return number;
  }
}
