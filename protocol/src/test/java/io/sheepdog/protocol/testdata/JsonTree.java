package io.sheepdog.protocol.testdata;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON document with typed access; a missing key or another type fails the test that
 * asked.
 */
public final class JsonTree {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Map<String, Object> fields;

  private JsonTree(Map<String, Object> fields) {
    this.fields = fields;
  }

  /** Reads a document whose top is an object. */
  public static JsonTree parse(String json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      return asTree(value(parser));
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          object.put(key, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> throw new IOException("Unexpected JSON token " + token);
    };
  }

  @SuppressWarnings("unchecked") // The parser above makes only maps with string keys.
  private static JsonTree asTree(Object value) {
    return new JsonTree((Map<String, Object>) value);
  }

  /** Whether the key is there. */
  public boolean has(String key) {
    return fields.containsKey(key);
  }

  /** A text. */
  public String text(String key) {
    return (String) get(key);
  }

  /** An integer; unsigned 64-bit values above the signed range come out as negative. */
  public long number(String key) {
    return ((Number) get(key)).longValue();
  }

  /** A text of hex digits, with or without 0x, as unsigned 64-bit number. */
  public long hex(String key) {
    return hexNumber(text(key));
  }

  /** An object inside. */
  public JsonTree tree(String key) {
    return asTree(get(key));
  }

  /** A list of objects. */
  public List<JsonTree> trees(String key) {
    return list(key).stream().map(JsonTree::asTree).toList();
  }

  /** A list of texts. */
  public List<String> texts(String key) {
    return list(key).stream().map(String.class::cast).toList();
  }

  /** A list of integers. */
  public List<Long> numbers(String key) {
    return list(key).stream().map(n -> ((Number) n).longValue()).toList();
  }

  /** A list of texts of hex digits as unsigned 64-bit numbers. */
  public List<Long> hexes(String key) {
    return texts(key).stream().map(JsonTree::hexNumber).toList();
  }

  /** A list of lists. */
  List<List<?>> lists(String key) {
    List<List<?>> result = new ArrayList<>();
    for (Object element : list(key)) {
      result.add((List<?>) element);
    }
    return result;
  }

  private static long hexNumber(String text) {
    return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
  }

  private List<?> list(String key) {
    return (List<?>) get(key);
  }

  private Object get(String key) {
    @Nullable Object value = fields.get(key);
    if (value == null) {
      throw new AssertionError("No key '" + key + "' in " + fields.keySet());
    }
    return value;
  }

  @Override
  public String toString() {
    return fields.toString();
  }
}
