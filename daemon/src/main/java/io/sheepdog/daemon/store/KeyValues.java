package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.CheckedText.FormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Fields of a {@link CheckedText} or an attribute; a missing or malformed one is a {@link
 * FormatException}.
 */
final class KeyValues {
  private final Map<String, String> values = new LinkedHashMap<>();

  private KeyValues() {}

  /** Splits each of {@code fields} at its first {@code =}; a key that comes twice is refused. */
  static KeyValues of(List<String> fields) throws FormatException {
    KeyValues result = new KeyValues();
    for (String field : fields) {
      int equals = field.indexOf('=');
      if (equals < 1) {
        throw new FormatException("'" + field + "' is not of the form key=value");
      }
      if (result.values.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
        throw new FormatException("'" + field.substring(0, equals) + "' is there twice");
      }
    }
    return result;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  String text(String key) throws FormatException {
    String value = values.get(key);
    if (value == null) {
      throw new FormatException("'" + key + "' is missing");
    }
    return value;
  }

  /** Exactly 16 hex digits. */
  long hex(String key) throws FormatException {
    String value = text(key);
    if (!value.matches("[0-9a-f]{16}")) {
      throw new FormatException(key + "=" + value + " does not have 16 hex digits");
    }
    return Long.parseUnsignedLong(value, 16);
  }

  /** A decimal number {@code low..high}. */
  long number(String key, long low, long high) throws FormatException {
    String value = text(key);
    long number = value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
    if (number < low || number > high) {
      throw new FormatException(
          key + "=" + value + " is out of range; " + low + " to " + high + " are allowed");
    }
    return number;
  }
}
